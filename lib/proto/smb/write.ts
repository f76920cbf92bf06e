import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

export const writeFlag = { through: 1, unbuffered: 2 } as const;

/** MS-SMB2 §2.2.21: size u16 = 49, data offset u16, length u32, offset u64, file id, channel u32,
 *  remaining u32, channel info offset u16 and length u16, flags u32, data. */
export interface WriteRequest {
  readonly file: FileId;
  readonly offset: bigint;
  readonly flags: number;
  readonly channel: number;
  readonly data: Uint8Array;
}

export function readWriteRequest(r: Reader): WriteRequest {
  r.expect(r.u16le() === 49, "structure size");
  const dataOffset = r.u16le();
  const length = r.u32le();
  const offset = r.u64le();
  const file = readFileId(r);
  const channel = r.u32le();
  r.skip(8);
  const flags = r.u32le();
  if (length === 0) return { file, offset, flags, channel, data: new Uint8Array(0) };
  r.expect(dataOffset >= headerSize + 48, "data offset");
  r.seek(dataOffset);
  return { file, offset, flags, channel, data: r.bytes(length) };
}

export function writeWriteRequest(w: Writer, request: WriteRequest): void {
  w.u16le(49);
  w.u16le(headerSize + 48);
  w.u32le(request.data.length);
  w.u64le(request.offset);
  writeFileId(w, request.file);
  w.u32le(request.channel);
  w.zeros(8);
  w.u32le(request.flags);
  w.bytes(request.data);
  if (request.data.length === 0) w.u8(0);
}

/** MS-SMB2 §2.2.22: size u16 = 17, reserved u16, count u32, remaining u32, channel info offset and length. */
export interface WriteResponse {
  readonly count: number;
}

export function readWriteResponse(r: Reader): WriteResponse {
  r.expect(r.u16le() === 17, "structure size");
  r.skip(2);
  return { count: r.u32le() };
}

export function writeWriteResponse(w: Writer, response: WriteResponse): void {
  w.u16le(17);
  w.u16le(0);
  w.u32le(response.count);
  w.zeros(8);
}
