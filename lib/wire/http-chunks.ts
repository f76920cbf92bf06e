import { HttpRefusal } from "./http-head.ts";

/** Bounds of what stands around a chunked body's bytes. */
export const chunkLimits = {
  /** A chunk's size with its extensions. */
  lineBytes: 256,
  /** All trailer fields together. */
  trailerBytes: 8 << 10,
} as const;

type State = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | "trailer" | "trailer-lf";

const CR = 13;
const LF = 10;

/** Takes the chunked coding off a body (RFC 9112 §7.1), however the bytes are cut. Extensions and trailers
 *  are checked, and thrown away. */
export class ChunkReader {
  #state: State = "size";
  /** Bytes of the present chunk still to come. */
  #left = 0;
  /** Digits of the present size. */
  #digits = 0;
  #lineBytes = 0;
  #trailerBytes = 0;
  /** Whether the present trailer line has its colon. */
  #named = false;
  #ended = false;

  /** The last chunk and the trailers are through: what follows is another message. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads `bytes` from `from` to `to`, and moves the body's own bytes together so that they begin at `from`.
   *  Gives how many those are, and where reading ended. */
  take(bytes: Uint8Array, from: number, to: number): { count: number; at: number } | HttpRefusal {
    let out = from;
    let at = from;
    while (at < to && !this.#ended) {
      if (this.#state !== "data") {
        const why = this.#step(bytes[at++]!);
        if (why !== undefined) return new HttpRefusal(400, why);
        continue;
      }
      const count = Math.min(this.#left, to - at);
      if (out !== at) bytes.copyWithin(out, at, at + count);
      out += count;
      at += count;
      this.#left -= count;
      if (this.#left === 0) this.#state = "data-cr";
    }
    return { count: out - from, at };
  }

  /** One byte that is not the body's; what is wrong with it, if anything. */
  #step(byte: number): string | undefined {
    switch (this.#state) {
      case "size":
      case "extension":
        return this.#sizeLine(byte);
      case "size-lf":
        if (byte !== LF) return "a chunk size without its line ending";
        this.#state = this.#left === 0 ? "trailer" : "data";
        this.#lineBytes = 0;
        return undefined;
      case "data":
        return undefined;
      case "data-cr":
        this.#state = "data-lf";
        return byte === CR ? undefined : "a chunk longer than its size";
      case "data-lf":
        this.#state = "size";
        this.#digits = 0;
        return byte === LF ? undefined : "a chunk longer than its size";
      default:
        return this.#trailer(byte);
    }
  }

  #sizeLine(byte: number): string | undefined {
    if (++this.#lineBytes > chunkLimits.lineBytes) return "a chunk size that does not end";
    if (byte === CR) {
      if (this.#digits === 0) return "a chunk without a size";
      this.#state = "size-lf";
      return undefined;
    }
    if (this.#state === "extension") return isText(byte) ? undefined : "a control character after a size";
    const digit = hexDigit(byte);
    if (digit >= 0) {
      // Twelve digits are 256 TiB: nothing here is larger, and no sum of them loses a bit.
      if (++this.#digits > 12) return "a chunk size beyond reason";
      this.#left = this.#left * 16 + digit;
      return undefined;
    }
    if (this.#digits === 0 || (byte !== 0x3b && byte !== 0x20 && byte !== 0x09)) {
      return "a chunk size that is no number";
    }
    this.#state = "extension";
    return undefined;
  }

  #trailer(byte: number): string | undefined {
    if (++this.#trailerBytes > chunkLimits.trailerBytes) return "trailers that do not end";
    if (this.#state === "trailer-lf") {
      if (byte !== LF) return "a trailer without its line ending";
      this.#ended = this.#lineBytes === 0;
      this.#state = "trailer";
      this.#lineBytes = 0;
      this.#named = false;
      return undefined;
    }
    if (byte === CR) {
      this.#state = "trailer-lf";
      return this.#named || this.#lineBytes === 0 ? undefined : "a trailer without a name";
    }
    if (!isText(byte) || (this.#lineBytes === 0 && byte <= 0x20)) return "a trailer that is not text";
    if (byte === 0x3a && this.#lineBytes > 0) this.#named = true;
    this.#lineBytes++;
    return undefined;
  }
}

const isText = (byte: number): boolean => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
