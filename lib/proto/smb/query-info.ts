import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

export const infoType = { file: 1, filesystem: 2, security: 3, quota: 4 } as const;

/** MS-SMB2 §2.2.37: size u16 = 41, type u8, class u8, output length u32, input offset u16, reserved u16,
 *  input length u32, additional u32, flags u32, file id. */
export interface QueryInfoRequest {
  readonly type: number;
  readonly infoClass: number;
  readonly outputLength: number;
  readonly additional: number;
  readonly flags: number;
  readonly file: FileId;
  readonly input: Uint8Array;
}

export function readQueryInfoRequest(r: Reader): QueryInfoRequest {
  r.expect(r.u16le() === 41, "structure size");
  const type = r.u8();
  const infoClass = r.u8();
  const outputLength = r.u32le();
  const inputOffset = r.u16le();
  r.skip(2);
  const inputLength = r.u32le();
  const additional = r.u32le();
  const flags = r.u32le();
  const file = readFileId(r);
  if (inputLength > 0) r.seek(inputOffset);
  return { type, infoClass, outputLength, additional, flags, file, input: r.bytes(inputLength) };
}

export function writeQueryInfoRequest(w: Writer, request: QueryInfoRequest): void {
  w.u16le(41);
  w.u8(request.type);
  w.u8(request.infoClass);
  w.u32le(request.outputLength);
  w.u16le(request.input.length > 0 ? headerSize + 40 : 0);
  w.u16le(0);
  w.u32le(request.input.length);
  w.u32le(request.additional);
  w.u32le(request.flags);
  writeFileId(w, request.file);
  w.bytes(request.input);
}
