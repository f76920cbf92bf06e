import { empty } from "../base/bytes.ts";
import { ChunkReader } from "./http-chunks.ts";
import { headLimits, HeadReader, HttpRefusal, type RequestHead } from "./http-head.ts";

/** What a client said next. A head without a body (`length` 0) stands alone; after any other come its
 *  data and then its end. Nothing follows a refusal. */
export type HttpInput =
  | { readonly is: "head"; readonly head: RequestHead }
  /** Some bytes of the body. Their memory belongs to who takes them. */
  | { readonly is: "data"; readonly bytes: Uint8Array }
  | { readonly is: "end" }
  | { readonly is: "refused"; readonly refusal: HttpRefusal };

const end: HttpInput = { is: "end" };

/** Empty lines before a request are skipped (RFC 9112 §2.2), this many bytes of them. */
const maxBlankBytes = 8;

/** Reads one connection's requests (HTTP/1.1 and 1.0) out of its bytes, however they are cut. Holds what was
 *  pushed and not yet asked for: who drives it stops pushing while `heldBytes` is more than it likes. */
export class HttpReader {
  readonly #heads: HeadReader;
  #bytes: Uint8Array = empty;
  #at = 0;
  #to = 0;
  /** `#bytes` is ours, with room behind `#to`. */
  #roomy = false;
  /** Up to here there is no end of a head. */
  #scanned = 0;
  #blankBytes = 0;
  /** Of the body: bytes to come, or its chunks; undefined between messages. */
  #body: number | ChunkReader | undefined;
  #refused = false;

  constructor(heads: HeadReader) {
    this.#heads = heads;
  }

  get heldBytes(): number {
    return this.#to - this.#at;
  }

  /** A head has begun and not ended, as far as it was asked for. */
  get amidHead(): boolean {
    return this.#body === undefined && this.#to > this.#at;
  }

  /** The memory belongs to the reader from now on. */
  push(bytes: Uint8Array): void {
    if (this.#refused) return;
    if (this.#at === this.#to) this.#hold(bytes, 0, bytes.length, false);
    else this.#append(bytes);
  }

  /** The next input, or undefined until more is pushed. Ask for no head before the last one is answered. */
  next(): HttpInput | undefined {
    if (this.#refused) return undefined;
    if (this.#body === undefined) return this.#head();
    if (typeof this.#body === "number") return this.#counted(this.#body);
    return this.#chunked(this.#body);
  }

  #head(): HttpInput | undefined {
    this.#skipBlank();
    const size = this.#to - this.#at;
    const text = latin1(this.#bytes, this.#at, Math.min(this.#to, this.#at + headLimits.headBytes));
    const close = this.#scanned === 0 ? text.indexOf("\r\n\r\n") : this.#findClose();
    if (close < 0) {
      this.#scanned = Math.max(0, size - 3);
      return size >= headLimits.headBytes ? this.#refuse(tooLong(text)) : undefined;
    }
    const read = this.#heads.read(text.slice(0, close + 2));
    if (read instanceof HttpRefusal) return this.#refuse(read);
    this.#at += close + 4;
    this.#scanned = 0;
    this.#blankBytes = 0;
    if (read.length !== 0) this.#body = read.length ?? new ChunkReader();
    return { is: "head", head: read };
  }

  /** Where the head's empty line begins, looked for in what has come since. */
  #findClose(): number {
    const { headBytes } = headLimits;
    const to = Math.min(this.#to, this.#at + headBytes);
    for (let i = this.#at + this.#scanned + 3; i < to; i++) {
      const b = this.#bytes;
      if (b[i] === 10 && b[i - 1] === 13 && b[i - 2] === 10 && b[i - 3] === 13) return i - 3 - this.#at;
    }
    return -1;
  }

  #skipBlank(): void {
    while (this.#at < this.#to && this.#blankBytes < maxBlankBytes && this.#scanned === 0) {
      const byte = this.#bytes[this.#at];
      if (byte !== 13 && byte !== 10) return;
      this.#at++;
      this.#blankBytes++;
    }
  }

  #counted(left: number): HttpInput | undefined {
    if (left === 0) {
      this.#body = undefined;
      return end;
    }
    const count = Math.min(left, this.#to - this.#at);
    if (count === 0) return undefined;
    this.#body = left - count;
    return this.#data(this.#at, count, this.#at + count);
  }

  #chunked(chunks: ChunkReader): HttpInput | undefined {
    if (chunks.ended) {
      this.#body = undefined;
      return end;
    }
    const from = this.#at;
    const taken = chunks.take(this.#bytes, from, this.#to);
    if (taken instanceof HttpRefusal) return this.#refuse(taken);
    if (taken.count > 0) return this.#data(from, taken.count, taken.at);
    this.#at = taken.at;
    return chunks.ended ? this.#chunked(chunks) : undefined;
  }

  /** Hands out `count` bytes; these or what is left from `rest` on, whichever are fewer, get memory of
   *  their own. */
  #data(from: number, count: number, rest: number): HttpInput {
    const left = this.#to - rest;
    if (left > count) {
      this.#at = rest;
      return { is: "data", bytes: copyOf(this.#bytes.subarray(from, from + count)) };
    }
    const bytes = this.#bytes.subarray(from, from + count);
    const kept = left > 0 ? copyOf(this.#bytes.subarray(rest, this.#to)) : empty;
    this.#hold(kept, 0, left, false);
    return { is: "data", bytes };
  }

  #append(bytes: Uint8Array): void {
    const size = this.#to - this.#at + bytes.length;
    if (!this.#roomy || this.#to + bytes.length > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(1024, size * 2));
      wider.set(this.#bytes.subarray(this.#at, this.#to));
      this.#hold(wider, 0, this.#to - this.#at, true);
    }
    this.#bytes.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  #hold(bytes: Uint8Array, at: number, to: number, roomy: boolean): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#to = to;
    this.#roomy = roomy;
  }

  #refuse(refusal: HttpRefusal): HttpInput {
    this.#refused = true;
    this.#hold(empty, 0, 0, false);
    return { is: "refused", refusal };
  }
}

const tooLong = (text: string): HttpRefusal =>
  text.includes("\r\n")
    ? new HttpRefusal(431, "the head is too long")
    : new HttpRefusal(414, "the request line is too long");

/** Not `slice`: where the bytes are a Buffer that is a view. */
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
