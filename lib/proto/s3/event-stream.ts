import { concat, utf8 } from "../../base/bytes.ts";

/** AWS's event stream (application/vnd.amazon.eventstream), one message:
 *  total length (4) | headers length (4) | CRC32 of these (4) | headers | payload | CRC32 of all before (4)
 *  A header: name length (1) | name | 7, a string (1) | value length (2) | value */
export function writeMessage(
  headers: Readonly<Record<string, string>>,
  payload: Uint8Array,
  crc32: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const [n, v] = [utf8(name), utf8(value)];
    parts.push(Uint8Array.of(n.length), n, Uint8Array.of(7, v.length >> 8, v.length & 255), v);
  }
  const head = concat(parts);
  const prelude = new Uint8Array(8);
  const view = new DataView(prelude.buffer);
  view.setUint32(0, 12 + head.length + payload.length + 4);
  view.setUint32(4, head.length);
  const whole = concat([prelude, crc32(prelude), head, payload]);
  return concat([whole, crc32(whole)]);
}
