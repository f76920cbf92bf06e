import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { dialect } from "./negotiate.ts";

/** MS-SMB2 §2.2.13.2: next u32, name offset u16 and length u16, reserved u16, data offset u16, data length
 *  u32, name, data; 8-aligned. */
export interface CreateContext {
  /** Four letters, or the hexadecimal digits of a 16-byte GUID. */
  readonly name: string;
  readonly data: Uint8Array;
}

export const contextName = {
  maximalAccess: "MxAc",
  diskId: "QFid",
  lease: "RqLs",
  durable: "DHnQ",
  durableReconnect: "DHnC",
  durable2: "DH2Q",
  durable2Reconnect: "DH2C",
  allocation: "AlSi",
  timewarp: "TWrp",
  extendedAttributes: "ExtA",
  security: "SecD",
  apple: "AAPL",
  appInstance: "45bca66aefa7f74a9008fa462e144d74",
} as const;

const maxContexts = 64;

/** Offsets count from each context's own first byte. */
export function readCreateContexts(r: Reader): CreateContext[] {
  const found: CreateContext[] = [];
  for (let start = 0; ;) {
    r.expect(found.length < maxContexts, "too many contexts");
    r.seek(start);
    const next = r.u32le();
    const nameOffset = r.u16le();
    const nameLength = r.u16le();
    r.skip(2);
    const dataOffset = r.u16le();
    const dataLength = r.u32le();
    r.seek(start + nameOffset);
    const name = r.bytes(nameLength);
    if (dataLength > 0) r.seek(start + dataOffset);
    found.push({ name: nameText(name), data: dataLength > 0 ? r.bytes(dataLength) : new Uint8Array(0) });
    if (next === 0) return found;
    r.expect(next >= 16 && next % 8 === 0, "offset of the next context");
    start += next;
  }
}

export function writeCreateContexts(w: Writer, contexts: readonly CreateContext[]): void {
  contexts.forEach(({ name, data }, i) => {
    const start = w.length;
    const nameBytes = nameBytesOf(name);
    const dataOffset = data.length > 0 ? 16 + Math.ceil(nameBytes.length / 8) * 8 : 0;
    w.u32le(0);
    w.u16le(16);
    w.u16le(nameBytes.length);
    w.u16le(0);
    w.u16le(dataOffset);
    w.u32le(data.length);
    w.bytes(nameBytes);
    w.zeros(Math.max(0, start + dataOffset - w.length));
    w.bytes(data);
    if (i === contexts.length - 1) return;
    w.zeros((8 - ((w.length - start) % 8)) % 8);
    w.patchU32le(start, w.length - start);
  });
}

const isTag = /^[\x20-\x7e]{4}$/;
function nameText(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 4));
  return bytes.length === 4 && isTag.test(text) ? text : bytes.toHex();
}
const nameBytesOf = (name: string): Uint8Array =>
  name.length === 4 ? Uint8Array.from(name, (c) => c.charCodeAt(0)) : Uint8Array.fromHex(name);

export const leaseState = { read: 1, handle: 2, write: 4 } as const;
export const leaseFlag = { breaking: 2, parentKey: 4 } as const;

/** MS-SMB2 §2.2.13.2.8 (32 bytes: key[16], state u32, flags u32, duration u64) and §2.2.13.2.10 (52: and
 *  parent key[16], epoch u16, reserved u16); the response has the same layout. */
export interface Lease {
  readonly version: 1 | 2;
  readonly key: Uint8Array;
  readonly state: number;
  readonly flags: number;
  readonly parentKey: Uint8Array;
  readonly epoch: number;
}

export function readLease(r: Reader): Lease {
  const version = r.remaining >= 52 ? 2 : 1;
  const key = r.bytes(16);
  const state = r.u32le();
  const flags = r.u32le();
  r.skip(8);
  if (version === 1) return { version, key, state, flags, parentKey: new Uint8Array(16), epoch: 0 };
  return { version, key, state, flags, parentKey: r.bytes(16), epoch: r.u16le() };
}

/** The lease that a context asks for, or undefined where it is malformed. Before 3.0 only the first kind. */
export function leaseIn(data: Uint8Array, spoken: number): Lease | undefined {
  const read = decode(readLease, spoken < dialect.smb300 ? data.subarray(0, 32) : data);
  return read.ok ? read.value : undefined;
}

export function leaseBytes(lease: Lease): Uint8Array {
  const w = new Writer();
  w.bytes(lease.key);
  w.u32le(lease.state);
  w.u32le(lease.flags);
  w.u64le(0n);
  if (lease.version === 2) {
    w.bytes(lease.parentKey);
    w.u16le(lease.epoch);
    w.u16le(0);
  }
  return w.take();
}

/** MS-SMB2 §2.2.14.2.5: status u32, access u32. */
export function maximalAccessBytes(status: number, access: number): Uint8Array {
  const w = new Writer();
  w.u32le(status);
  w.u32le(access);
  return w.take();
}

/** MS-SMB2 §2.2.14.2.9: file id u64, volume id u64, zero[16]. */
export function diskIdBytes(fileId: bigint, volumeId: bigint): Uint8Array {
  const w = new Writer();
  w.u64le(fileId);
  w.u64le(volumeId);
  w.zeros(16);
  return w.take();
}
