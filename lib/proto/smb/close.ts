import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readBasics, writeBasics, type FileBasics } from "./create.ts";
import { readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.15: size u16 = 24, flags u16 (1: tell the file's state), reserved u32, file id. */
export interface CloseRequest {
  readonly wantsBasics: boolean;
  readonly file: FileId;
}

export function readCloseRequest(r: Reader): CloseRequest {
  r.expect(r.u16le() === 24, "structure size");
  const flags = r.u16le();
  r.skip(4);
  return { wantsBasics: (flags & 1) !== 0, file: readFileId(r) };
}

export function writeCloseRequest(w: Writer, request: CloseRequest): void {
  w.u16le(24);
  w.u16le(request.wantsBasics ? 1 : 0);
  w.u32le(0);
  writeFileId(w, request.file);
}

/** MS-SMB2 §2.2.16: size u16 = 60, flags u16, reserved u32, basics or zeros. */
export type CloseResponse = FileBasics | undefined;

export function readCloseResponse(r: Reader): CloseResponse {
  r.expect(r.u16le() === 60, "structure size");
  const flags = r.u16le();
  r.skip(4);
  return (flags & 1) !== 0 ? readBasics(r) : undefined;
}

export function writeCloseResponse(w: Writer, response: CloseResponse): void {
  w.u16le(60);
  w.u16le(response ? 1 : 0);
  w.u32le(0);
  if (response) writeBasics(w, response);
  else w.zeros(52);
}
