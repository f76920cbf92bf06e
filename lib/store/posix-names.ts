import { textOf } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";

/** Names on disk are bytes; names here are text. Bytes that are no UTF-8, and control characters, are
 *  shown as U+EF00 and the byte, from Unicode's private area, so that every name has one text and every
 *  text one name. A real character of U+EF00–U+EFFF is shown by its three bytes. */
const first = 0xef00;
const last = 0xefff;

/** The text that shows a name on disk, which is given as bytes, or as text where it is UTF-8. */
export function shownName(bytes: Uint8Array | string): string {
  if (typeof bytes === "string") return isPlain(bytes) ? bytes : shownName(Buffer.from(bytes));
  const text = textOf(bytes);
  if (text !== undefined && isPlain(text)) return text;
  let shown = "";
  for (let at = 0; at < bytes.length;) {
    const size = characterAt(bytes, at);
    const char = size === 0 ? undefined : textOf(bytes.subarray(at, at + size));
    if (char !== undefined && isPlain(char)) {
      shown += char;
      at += size;
    } else {
      shown += String.fromCharCode(first + bytes[at]!);
      at++;
    }
  }
  return shown;
}

/** The name on disk that a text shows. Faults: bad-name, where no name is shown so. */
export function diskName(name: string): Result<Buffer> {
  if (isPlain(name)) return ok(Buffer.from(name));
  const parts: Buffer[] = [];
  for (const char of name) {
    const code = char.codePointAt(0)!;
    parts.push(code >= first && code <= last ? Buffer.of(code - first) : Buffer.from(char));
  }
  const bytes = Buffer.concat(parts);
  const sound = !bytes.includes(0) && !bytes.includes(0x2f) && shownName(bytes) === name;
  return sound ? ok(bytes) : fail("bad-name", "no name on this disk is shown so");
}

const odd = /(?![\u0080-\u009f])\p{Cc}|[\uef00-\uefff]/u;
const isPlain = (text: string): boolean => !odd.test(text);

/** How many bytes the character at `at` announces; 0 where none begins there. */
function characterAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  return at + size <= bytes.length ? size : 0;
}

/** A path of bytes: the folder's, and a name in it. */
export const joined = (folder: string | Uint8Array, name: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(folder as Uint8Array), slash, name]);

const slash = Buffer.from("/");
