import { textOf, utf8 } from "../../base/bytes.ts";
import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";

/** RFC 4251 §5: uint32 length, bytes. Read as UTF-8; undefined where it is not. */
export const readText = (r: Reader): string | undefined => textOf(readBytes(r));
export const writeText = (w: Writer, text: string): void => writeBytes(w, utf8(text));

export const readBytes = (r: Reader): Uint8Array => r.bytes(r.u32());
export function writeBytes(w: Writer, bytes: Uint8Array): void {
  w.u32(bytes.length);
  w.bytes(bytes);
}
