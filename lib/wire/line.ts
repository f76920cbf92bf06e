import { concat, empty } from "../base/bytes.ts";

/** One line as it came, without its ending; or what was wrong with it. The rest of a line that was too
 *  long is thrown away, never read as a line of its own. */
export type Line =
  | { readonly is: "line"; readonly bytes: Uint8Array }
  /** Over the limit; told once for each such line. */
  | { readonly is: "too-long" }
  /** Holds NUL, or CR elsewhere than at its end. */
  | { readonly is: "unclean" }
  /** Nobody sends so much without an ending by mistake. Nothing follows. */
  | { readonly is: "endless" };

export const lineLimits = { lineBytes: 4096, endlessBytes: 65_536 } as const;

/** Cuts a stream of bytes into command lines that end with LF or CRLF, and takes Telnet out of them
 *  (RFC 854, as far as RFC 959 §4.1.3 needs it). Holds one unfinished line and what is not yet asked for. */
export class LineReader {
  #held: Uint8Array = empty;
  /** How much of `#held` is known to have no line ending. */
  #scanned = 0;
  /** Bytes of the present line already thrown away; 0 while it fits. */
  #dropped = 0;
  #endless = false;

  /** Bytes that wait for `next`. */
  get heldBytes(): number {
    return this.#held.length;
  }

  push(bytes: Uint8Array): void {
    if (this.#endless) return;
    this.#held = this.#held.length === 0 ? bytes : concat([this.#held, bytes]);
  }

  /** The next whole line, or undefined until more has come. */
  next(): Line | undefined {
    if (this.#endless) return undefined;
    const end = this.#held.indexOf(LF, this.#scanned);
    if (end < 0) return this.#withoutEnd();
    const raw = this.#held.subarray(0, end);
    this.#held = end + 1 === this.#held.length ? empty : this.#held.subarray(end + 1);
    this.#scanned = 0;
    if (this.#dropped > 0) {
      this.#dropped = 0;
      return this.next();
    }
    return raw.length > lineLimits.lineBytes ? { is: "too-long" } : cleaned(raw);
  }

  #withoutEnd(): Line | undefined {
    const first = this.#dropped === 0;
    const overLong = this.#held.length > lineLimits.lineBytes || !first;
    if (!overLong) {
      this.#scanned = this.#held.length;
      // A view of the socket's buffer would keep all of it alive.
      if (this.#held.length > 0 && this.#held.byteLength < this.#held.buffer.byteLength) {
        this.#held = this.#held.slice();
      }
      return undefined;
    }
    this.#dropped += this.#held.length;
    this.#held = empty;
    this.#scanned = 0;
    this.#endless = this.#dropped > lineLimits.endlessBytes;
    if (this.#endless) return { is: "endless" };
    return first ? { is: "too-long" } : undefined;
  }
}

const LF = 0x0a;
const CR = 0x0d;
const IAC = 0xff;

function cleaned(raw: Uint8Array): Line {
  const whole = raw.at(-1) === CR ? raw.subarray(0, -1) : raw;
  const line = withoutTelnet(whole);
  return line.includes(0) || line.includes(CR) ? { is: "unclean" } : { is: "line", bytes: line.slice() };
}

/** Clients announce ABOR with Telnet's IP and Synch, whose urgent byte may be lost on the way: so every byte
 *  from F0 up that stands before the verb goes. Later, IAC IAC is the one byte FF. */
function withoutTelnet(line: Uint8Array): Uint8Array {
  let start = 0;
  while (start < line.length && line[start]! >= 0xf0) {
    const isOption = line[start] === IAC && line[start + 1]! >= 0xfb && line[start + 1]! <= 0xfe;
    start += isOption ? 3 : 1;
  }
  const rest = line.subarray(Math.min(start, line.length));
  if (!rest.includes(IAC)) return rest;
  const kept: number[] = [];
  for (let i = 0; i < rest.length; i++) {
    kept.push(rest[i]!);
    if (rest[i] === IAC && rest[i + 1] === IAC) i++;
  }
  return Uint8Array.from(kept);
}
