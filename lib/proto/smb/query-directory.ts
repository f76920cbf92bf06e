import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { utf16, utf16Text } from "../../wire/utf16.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

export const queryFlag = { restart: 1, single: 2, index: 4, reopen: 0x10 } as const;

/** MS-SMB2 §2.2.33: size u16 = 33, class u8, flags u8, file index u32, file id, name offset u16 and length
 *  u16, output length u32. */
export interface QueryDirectoryRequest {
  readonly infoClass: number;
  readonly flags: number;
  readonly file: FileId;
  readonly pattern: string;
  readonly outputLength: number;
}

export function readQueryDirectoryRequest(r: Reader): QueryDirectoryRequest {
  r.expect(r.u16le() === 33, "structure size");
  const infoClass = r.u8();
  const flags = r.u8();
  r.skip(4);
  const file = readFileId(r);
  const nameOffset = r.u16le();
  const nameLength = r.u16le();
  const outputLength = r.u32le();
  r.expect(nameLength % 2 === 0, "pattern length");
  if (nameLength > 0) r.seek(nameOffset);
  return { infoClass, flags, file, pattern: utf16Text(r.bytes(nameLength)), outputLength };
}

export function writeQueryDirectoryRequest(w: Writer, request: QueryDirectoryRequest): void {
  const pattern = utf16(request.pattern);
  w.u16le(33);
  w.u8(request.infoClass);
  w.u8(request.flags);
  w.u32le(0);
  writeFileId(w, request.file);
  w.u16le(headerSize + 32);
  w.u16le(pattern.length);
  w.u32le(request.outputLength);
  w.bytes(pattern);
}
