import { concat, lossyText, utf8 } from "../../base/bytes.ts";

/** A value and how many bytes of the buffer it was. */
export interface Taken<T> {
  readonly value: T;
  readonly size: number;
}

/** What a Redis server says: text of a status, a number, a bulk string; or an error. */
export type Reply =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string };

/** A command in RESP: an array of bulk strings. */
export function writeCommand(words: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = [utf8(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = utf8(word);
    parts.push(utf8(`$${bytes.length}\r\n`), bytes, utf8("\r\n"));
  }
  return concat(parts);
}

const garbage = (size: number): Taken<Reply> => ({ value: { ok: false, text: "not a Redis server" }, size });

/** The reply at the buffer's beginning; undefined: more is needed. Only what commands that write are
 *  answered with: no arrays. */
export function readReply(bytes: Uint8Array): Taken<Reply> | undefined {
  const end = bytes.indexOf(0x0d);
  if (end < 0 || end + 1 >= bytes.length) return bytes.length > 4096 ? garbage(bytes.length) : undefined;
  const line = lossyText(bytes.subarray(1, end));
  const size = end + 2;
  switch (bytes[0]) {
    case 0x2b: // +
    case 0x3a: // :
      return { value: { ok: true, text: line }, size };
    case 0x2d: // -
      return { value: { ok: false, text: line }, size };
    case 0x24: // $
      return readBulk(bytes, line, size);
    default:
      return garbage(bytes.length);
  }
}

function readBulk(bytes: Uint8Array, line: string, head: number): Taken<Reply> | undefined {
  if (line === "-1") return { value: { ok: true, text: "" }, size: head };
  const length = /^\d{1,5}$/.test(line) ? Number(line) : -1;
  if (length < 0) return garbage(bytes.length);
  if (bytes.length < head + length + 2) return undefined;
  return {
    value: { ok: true, text: lossyText(bytes.subarray(head, head + length)) },
    size: head + length + 2,
  };
}

/** Whether an error says that the server cannot now, rather than that it will not. */
export const passes = (error: string): boolean =>
  /^(?:LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|READONLY|OOM|MISCONF|NOREPLICAS)\b/.test(error);
