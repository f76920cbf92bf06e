import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { contextName, type CreateContext } from "./create-context.ts";
import { readFileId, writeFileId, type FileId } from "./header.ts";
import { dialect } from "./negotiate.ts";

/** MS-SMB2 §2.2.13.2.11: timeout u32 in ms, flags u32, reserved u64, create guid[16]. */
export interface Durable2 {
  readonly timeoutMs: number;
  readonly flags: number;
  readonly createGuid: Uint8Array;
}

export function readDurable2(r: Reader): Durable2 {
  const timeoutMs = r.u32le();
  const flags = r.u32le();
  r.skip(8);
  return { timeoutMs, flags, createGuid: r.bytes(16) };
}

export function durable2Bytes(durable: Durable2): Uint8Array {
  const w = new Writer();
  w.u32le(durable.timeoutMs);
  w.u32le(durable.flags);
  w.u64le(0n);
  w.bytes(durable.createGuid);
  return w.take();
}

/** MS-SMB2 §2.2.13.2.12: file id, create guid[16], flags u32. */
export interface Durable2Reconnect {
  readonly file: FileId;
  readonly createGuid: Uint8Array;
}

export function readDurable2Reconnect(r: Reader): Durable2Reconnect {
  return { file: readFileId(r), createGuid: r.bytes(16) };
}

export function durable2ReconnectBytes(reconnect: Durable2Reconnect): Uint8Array {
  const w = new Writer();
  writeFileId(w, reconnect.file);
  w.bytes(reconnect.createGuid);
  w.u32le(0);
  return w.take();
}

/** MS-SMB2 §2.2.14.2.3: eight zeros. */
export const durableGrantBytes = (): Uint8Array => new Uint8Array(8);

/** MS-SMB2 §2.2.14.2.12: timeout u32 in ms, flags u32. */
export function durable2GrantBytes(timeoutMs: number): Uint8Array {
  const w = new Writer();
  w.u32le(timeoutMs);
  w.u32le(0);
  return w.take();
}

/** What a CREATE asks of durability. `createGuid` is hexadecimal, "" where the first version has none. */
export type DurableAsk =
  | { readonly kind: "none" }
  | {
      readonly kind: "new";
      readonly version: 1 | 2;
      readonly createGuid: string;
      /** 0: as the server likes. */
      readonly timeoutMs: number;
    }
  | {
      readonly kind: "again";
      readonly version: 1 | 2;
      readonly createGuid: string;
      /** Its persistent half counts. */
      readonly file: FileId;
      /** A new promise is asked for beside it. */
      readonly renews: boolean;
    };

const none: DurableAsk = { kind: "none" };

/** MS-SMB2 §3.3.5.9.6, .7, .10 and .12: the contexts that may stand together; undefined where they may not,
 *  or are malformed. Before 3.0 there is no second version. */
export function durableAsk(contexts: readonly CreateContext[], spoken: number): DurableAsk | undefined {
  const dataOf = (name: string): Uint8Array | undefined => contexts.find((one) => one.name === name)?.data;
  const first = dataOf(contextName.durable);
  const firstAgain = dataOf(contextName.durableReconnect);
  const knowsSecond = spoken >= dialect.smb300;
  const second = knowsSecond ? dataOf(contextName.durable2) : undefined;
  const secondAgain = knowsSecond ? dataOf(contextName.durable2Reconnect) : undefined;
  if (secondAgain) return first || firstAgain || second ? undefined : readAgain2(secondAgain);
  if (second) return first || firstAgain ? undefined : readNew2(second);
  if (firstAgain) return readAgain1(firstAgain, first !== undefined);
  return first ? { kind: "new", version: 1, createGuid: "", timeoutMs: 0 } : none;
}

function readNew2(data: Uint8Array): DurableAsk | undefined {
  const read = decode(readDurable2, data);
  if (!read.ok) return undefined;
  const { timeoutMs, createGuid } = read.value;
  return { kind: "new", version: 2, createGuid: createGuid.toHex(), timeoutMs };
}

function readAgain1(data: Uint8Array, renews: boolean): DurableAsk | undefined {
  const read = decode(readFileId, data);
  return read.ok ? { kind: "again", version: 1, createGuid: "", file: read.value, renews } : undefined;
}

function readAgain2(data: Uint8Array): DurableAsk | undefined {
  const read = decode(readDurable2Reconnect, data);
  if (!read.ok) return undefined;
  const { file, createGuid } = read.value;
  const guid = createGuid.every((byte) => byte === 0) ? "" : createGuid.toHex();
  return { kind: "again", version: 2, createGuid: guid, file, renews: false };
}

/** MS-SMB2 §2.2.13.2.13: size u16 = 20, reserved u16, id[16]. Undefined where it is malformed. */
export function appInstanceIn(data: Uint8Array): string | undefined {
  return data.length === 20 && data[0] === 20 ? data.subarray(4, 20).toHex() : undefined;
}
