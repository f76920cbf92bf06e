import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.39: size u16 = 33, type u8, class u8, length u32, offset u16, reserved u16, additional u32,
 *  file id, data. The response is its size alone, u16 = 2. */
export interface SetInfoRequest {
  readonly type: number;
  readonly infoClass: number;
  readonly additional: number;
  readonly file: FileId;
  readonly data: Uint8Array;
}

export function readSetInfoRequest(r: Reader): SetInfoRequest {
  r.expect(r.u16le() === 33, "structure size");
  const type = r.u8();
  const infoClass = r.u8();
  const length = r.u32le();
  const offset = r.u16le();
  r.skip(2);
  const additional = r.u32le();
  const file = readFileId(r);
  if (length > 0) r.seek(offset);
  return { type, infoClass, additional, file, data: r.bytes(length) };
}

export function writeSetInfoRequest(w: Writer, request: SetInfoRequest): void {
  w.u16le(33);
  w.u8(request.type);
  w.u8(request.infoClass);
  w.u32le(request.data.length);
  w.u16le(headerSize + 32);
  w.u16le(0);
  w.u32le(request.additional);
  writeFileId(w, request.file);
  w.bytes(request.data);
}
