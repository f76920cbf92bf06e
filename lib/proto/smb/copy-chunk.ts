import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

/** What one copy may ask for (MS-SMB2 §3.3.3): chunks, bytes of one, bytes of all. */
export const copyLimits = { chunks: 256, chunkBytes: 1 << 20, bytes: 16 << 20 } as const;

/** MS-SMB2 §2.2.31.1: key[24], count u32, reserved u32, {source u64, target u64, length u32, reserved
 *  u32}. */
export interface CopyChunks {
  readonly key: Uint8Array;
  readonly chunks: readonly Chunk[];
}
export interface Chunk {
  readonly from: bigint;
  readonly to: bigint;
  readonly length: number;
}

export function readCopyChunks(r: Reader): CopyChunks {
  const key = r.bytes(24);
  const count = r.u32le();
  r.skip(4);
  r.expect(count <= r.remaining / 24, "number of chunks");
  const chunks = Array.from({ length: count }, () => {
    const chunk = { from: r.u64le(), to: r.u64le(), length: r.u32le() };
    r.skip(4);
    return chunk;
  });
  return { key, chunks };
}

export function copyChunkBytes(copy: CopyChunks): Uint8Array {
  const w = new Writer();
  w.bytes(copy.key);
  w.u32le(copy.chunks.length);
  w.u32le(0);
  for (const { from, to, length } of copy.chunks) {
    w.u64le(from);
    w.u64le(to);
    w.u32le(length);
    w.u32le(0);
  }
  return w.take();
}

/** The request, or undefined where it is malformed. */
export function copyChunksIn(input: Uint8Array): CopyChunks | undefined {
  const read = decode(readCopyChunks, input);
  return read.ok ? read.value : undefined;
}

/** MS-SMB2 §2.2.32.1: chunks written u32, bytes of a broken-off one u32, bytes in all u32. */
export function copiedBytes(chunks: number, broken: number, total: number): Uint8Array {
  const w = new Writer(12);
  w.u32le(chunks);
  w.u32le(broken);
  w.u32le(total);
  return w.take();
}

/** MS-SMB2 §2.2.32.3: key[24], context length u32 = 0, padding. */
export function resumeKeyBytes(key: Uint8Array): Uint8Array {
  const w = new Writer(32);
  w.bytes(key);
  w.zeros(8);
  return w.take();
}

/** Two u64: the range that SET_ZERO_DATA and QUERY_ALLOCATED_RANGES speak of. */
export function rangeIn(input: Uint8Array): { first: bigint; second: bigint } | undefined {
  const read = decode((r) => ({ first: r.u64le(), second: r.u64le() }), input);
  return read.ok ? read.value : undefined;
}

export function rangeBytes(first: bigint, second: bigint): Uint8Array {
  const w = new Writer(16);
  w.u64le(first);
  w.u64le(second);
  return w.take();
}

/** MS-FSCC §2.3.3: object id[16], then 48 bytes that nobody reads. */
export function objectIdBytes(fileId: bigint, volumeId: bigint): Uint8Array {
  const w = new Writer(64);
  w.u64le(fileId);
  w.u64le(volumeId);
  w.zeros(48);
  return w.take();
}

/** The key that names a file as the source of a copy: its id, and 16 bytes that cannot be guessed. */
export function resumeKey(file: bigint, secret: Uint8Array): Uint8Array {
  const w = new Writer(24);
  w.u64le(file);
  w.bytes(secret.subarray(0, 16));
  return w.take();
}
export const fileOfKey = (key: Uint8Array): bigint =>
  new DataView(key.buffer, key.byteOffset).getBigUint64(0, true);
