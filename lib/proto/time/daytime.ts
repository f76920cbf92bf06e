import { utf8 } from "../../base/bytes.ts";

/** RFC 867: one line of ASCII for people, as "2026-11-20 23:24:08 UTC" and CRLF. */
export function daytimeAnswer(unixSeconds: number): Uint8Array {
  const text = new Date(Math.floor(unixSeconds) * 1000).toISOString(); // 2026-11-20T23:24:08.000Z
  return utf8(`${text.slice(0, 10)} ${text.slice(11, 19)} UTC\r\n`);
}
