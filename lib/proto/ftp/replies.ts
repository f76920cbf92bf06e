import type { Fault, FaultCode } from "../../base/fault.ts";
import { utf8 } from "../../base/bytes.ts";

/** One line: "250 Done". */
export const replyBytes = (code: number, text: string): Uint8Array => utf8(`${code} ${plain(text)}\r\n`);

/** RFC 959 §4.2: "211-first", indented lines, "211 last". */
export function replyLines(code: number, first: string, middle: readonly string[], last: string): Uint8Array {
  const inner = middle.map((line) => ` ${plain(line)}\r\n`).join("");
  return utf8(`${code}-${plain(first)}\r\n${inner}${code} ${plain(last)}\r\n`);
}

/** Nothing from outside may end a line or a text. */
// oxlint-disable-next-line no-control-regex -- control characters are the very thing taken out
const plain = (text: string): string => text.replace(/[\x00-\x1f\x7f]/g, "?");

/** What an expected failure is called in FTP (RFC 959 §4.2, RFC 1123 §4.1.2.11). */
export const replyFor: Record<FaultCode, number> = {
  "not-found": 550,
  exists: 550,
  denied: 550,
  unauthenticated: 530,
  invalid: 550,
  "bad-name": 553,
  "not-directory": 550,
  "is-directory": 550,
  "not-empty": 550,
  busy: 450,
  conflict: 450,
  precondition: 550,
  retained: 550,
  quota: 552,
  "no-space": 452,
  "read-only": 550,
  "too-large": 552,
  "too-many": 421,
  "bad-range": 554,
  digest: 451,
  truncated: 426,
  damaged: 451,
  unsupported: 504,
  timeout: 426,
  cancelled: 426,
  unavailable: 451,
  io: 451,
};

/** What a person reads: the sentence, never where the server keeps things. */
export const faultText = (fault: Fault): string => fault.what.replace(/^./, (first) => first.toUpperCase());
