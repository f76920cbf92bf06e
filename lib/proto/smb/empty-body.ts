import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";

/** Size u16 = 4, reserved u16: LOGOFF, TREE_DISCONNECT, ECHO, CANCEL both ways, and the responses of FLUSH
 *  and LOCK (MS-SMB2 §2.2.7, §2.2.11, §2.2.28, §2.2.30, §2.2.18, §2.2.27). */
export function readEmptyBody(r: Reader): void {
  r.expect(r.u16le() === 4, "structure size");
  r.skip(2);
}

export function writeEmptyBody(w: Writer): void {
  w.u16le(4);
  w.u16le(0);
}

/** MS-SMB2 §2.2.2: size u16 = 9, context count u8, reserved u8, byte count u32, at least one byte. */
export function writeErrorBody(w: Writer, data: Uint8Array): void {
  w.u16le(9);
  w.u16le(0);
  w.u32le(data.length);
  w.bytes(data.length > 0 ? data : new Uint8Array(1));
}
