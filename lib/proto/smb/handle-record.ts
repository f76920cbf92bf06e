import { textOf, utf8 } from "../../base/bytes.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

/** What has to be kept of a durable handle so that its client finds it again after a restart. */
export interface HandleRecord {
  readonly persistent: bigint;
  readonly user: string;
  readonly share: string;
  /** Names from the share's root, divided by "/". */
  readonly path: string;
  readonly access: number;
  readonly shared: number;
  readonly mode: number;
  readonly deleteOnClose: boolean;
  readonly position: bigint;
  readonly durable: { readonly version: 1 | 2; readonly timeoutMs: number; readonly resilient: boolean };
  /** The client's GUID, hexadecimal; and what else it named, "" for none. */
  readonly client: string;
  readonly createGuid: string;
  readonly appInstance: string;
  /** Lease bits; an oplock's as well. */
  readonly held: number;
  readonly lease: { readonly key: string; readonly version: 1 | 2; readonly epoch: number } | undefined;
  readonly locks: readonly HandleLock[];
  /** By what the file is known to be the same as it was. */
  readonly file: { readonly id: string; readonly bytes: bigint; readonly modifiedMicros: bigint };
}

export interface HandleLock {
  readonly offset: bigint;
  readonly length: bigint;
  readonly exclusive: boolean;
}

const magic = 0x31484248; // "HBH1"
const maxRecords = 65_536;
const maxLocks = 65_536;

/** Magic u32, count u32, records one after another; texts are u16 length and UTF-8. */
export function handleRecordsBytes(records: readonly HandleRecord[]): Uint8Array {
  const w = new Writer();
  w.u32le(magic);
  w.u32le(records.length);
  for (const record of records) writeRecord(w, record);
  return w.take();
}

/** Undefined where the bytes are not such records. */
export function handleRecordsIn(bytes: Uint8Array): HandleRecord[] | undefined {
  const read = decode(readHandleRecords, bytes);
  return read.ok ? read.value : undefined;
}

function readHandleRecords(r: Reader): HandleRecord[] {
  r.expect(r.u32le() === magic, "not a journal of handles");
  const count = r.u32le();
  r.expect(count <= maxRecords, "too many handles");
  const records: HandleRecord[] = [];
  for (let i = 0; i < count; i++) records.push(readRecord(r));
  r.end();
  return records;
}

function writeRecord(w: Writer, one: HandleRecord): void {
  w.u64le(one.persistent);
  for (const text of [one.user, one.share, one.path]) writeText(w, text);
  for (const bits of [one.access, one.shared, one.mode]) w.u32le(bits);
  w.u8(one.deleteOnClose ? 1 : 0);
  w.u64le(one.position);
  w.u8(one.durable.version);
  w.u32le(one.durable.timeoutMs);
  w.u8(one.durable.resilient ? 1 : 0);
  for (const text of [one.client, one.createGuid, one.appInstance]) writeText(w, text);
  w.u8(one.held);
  w.u8(one.lease?.version ?? 0);
  if (one.lease) {
    writeText(w, one.lease.key);
    w.u16le(one.lease.epoch);
  }
  w.u32le(one.locks.length);
  for (const lock of one.locks) {
    w.u64le(lock.offset);
    w.u64le(lock.length);
    w.u8(lock.exclusive ? 1 : 0);
  }
  writeText(w, one.file.id);
  w.u64le(one.file.bytes);
  w.u64le(one.file.modifiedMicros);
}

function readRecord(r: Reader): HandleRecord {
  const persistent = r.u64le();
  const [user, share, path] = [readText(r), readText(r), readText(r)];
  const [access, shared, mode] = [r.u32le(), r.u32le(), r.u32le()];
  const deleteOnClose = r.u8() === 1;
  const position = r.u64le();
  const durable = { version: readVersion(r), timeoutMs: r.u32le(), resilient: r.u8() === 1 };
  const [client, createGuid, appInstance] = [readHex(r), readHex(r), readHex(r)];
  const held = r.u8();
  const leaseVersion = r.u8();
  r.expect(leaseVersion <= 2, "kind of lease");
  const version = leaseVersion === 2 ? 2 : 1;
  const lease = leaseVersion === 0 ? undefined : ({ key: readHex(r), version, epoch: r.u16le() } as const);
  const lockCount = r.u32le();
  r.expect(lockCount <= maxLocks, "too many locks");
  const locks: HandleLock[] = [];
  for (let i = 0; i < lockCount; i++)
    locks.push({ offset: r.u64le(), length: r.u64le(), exclusive: r.u8() === 1 });
  const file = { id: readText(r), bytes: r.u64le(), modifiedMicros: r.u64le() };
  const whose = { client, createGuid, appInstance };
  const how = { access, shared, mode, deleteOnClose, position, durable };
  return { persistent, user, share, path, ...how, ...whose, held, lease, locks, file };
}

function readVersion(r: Reader): 1 | 2 {
  const version = r.u8();
  r.expect(version === 1 || version === 2, "kind of durability");
  return version;
}

function writeText(w: Writer, text: string): void {
  const bytes = utf8(text);
  w.u16le(bytes.length);
  w.bytes(bytes);
}

function readText(r: Reader): string {
  const text = textOf(r.bytes(r.u16le()));
  r.expect(text !== undefined, "UTF-8");
  return text;
}

function readHex(r: Reader): string {
  const text = readText(r);
  r.expect(/^(?:[0-9a-f]{2})*$/.test(text), "hexadecimal digits");
  return text;
}
