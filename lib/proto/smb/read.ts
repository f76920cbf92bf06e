import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.19: size u16 = 49, padding u8, flags u8, length u32, offset u64, file id, minimum count u32,
 *  channel u32, remaining u32, channel info offset u16 and length u16, one byte. */
export interface ReadRequest {
  readonly file: FileId;
  readonly offset: bigint;
  readonly length: number;
  readonly minimum: number;
  readonly channel: number;
}

export function readReadRequest(r: Reader): ReadRequest {
  r.expect(r.u16le() === 49, "structure size");
  r.skip(2);
  const length = r.u32le();
  const offset = r.u64le();
  const file = readFileId(r);
  const minimum = r.u32le();
  const channel = r.u32le();
  return { file, offset, length, minimum, channel };
}

export function writeReadRequest(w: Writer, request: ReadRequest): void {
  w.u16le(49);
  w.u16le(80);
  w.u32le(request.length);
  w.u64le(request.offset);
  writeFileId(w, request.file);
  w.u32le(request.minimum);
  w.u32le(request.channel);
  w.zeros(9);
}

/** MS-SMB2 §2.2.20: size u16 = 17, data offset u8, reserved u8, data length u32, remaining u32, reserved
 *  u32. */
export type ReadResponse = Uint8Array;

export function readReadResponse(r: Reader): ReadResponse {
  r.expect(r.u16le() === 17, "structure size");
  const offset = r.u8();
  r.skip(1);
  const length = r.u32le();
  if (length === 0) return new Uint8Array(0);
  r.seek(offset);
  return r.bytes(length);
}

/** Without the data, which follows. */
export function writeReadHead(w: Writer, length: number): void {
  w.u16le(17);
  w.u8(headerSize + 16);
  w.u8(0);
  w.u32le(length);
  w.u32le(0);
  w.u32le(0);
}
