import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerSize } from "./header.ts";

/** Size u16 = 9, output offset u16 and length u32, output: what QUERY_DIRECTORY, CHANGE_NOTIFY and QUERY_INFO
 *  are answered with (MS-SMB2 §2.2.34, §2.2.36, §2.2.38). */
export function readOutputBody(r: Reader): Uint8Array {
  r.expect(r.u16le() === 9, "structure size");
  const offset = r.u16le();
  const length = r.u32le();
  if (length === 0) return new Uint8Array(0);
  r.seek(offset);
  return r.bytes(length);
}

export function writeOutputBody(w: Writer, output: Uint8Array): void {
  w.u16le(9);
  w.u16le(headerSize + 8);
  w.u32le(output.length);
  w.bytes(output);
}
