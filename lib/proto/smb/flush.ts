import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.17: size u16 = 24, reserved u16 (0xFFFF from macOS: to the platter), reserved u32,
 *  file id. */
export interface FlushRequest {
  readonly file: FileId;
}

export function readFlushRequest(r: Reader): FlushRequest {
  r.expect(r.u16le() === 24, "structure size");
  r.skip(6);
  return { file: readFileId(r) };
}

export function writeFlushRequest(w: Writer, request: FlushRequest): void {
  w.u16le(24);
  w.zeros(6);
  writeFileId(w, request.file);
}
