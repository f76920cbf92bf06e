import type { Ip } from "../../base/ip.ts";
import type { Timestamp } from "./timestamp.ts";

const words = 6; // receive 2, transmit 2, client, in use

/** RFC 9769: which receive stamp of ours goes with which true transmit stamp, for clients that showed by
 *  their
 *  requests that they use the interleaved mode. A table of fixed size; a newer pair takes an older one's
 *  place.
 *  The memory may be shared between threads. */
export class InterleavedPairs {
  readonly #words: Uint32Array;
  readonly #rows: number;

  /** `memory` is `InterleavedPairs.bytesFor(pairs)` of zeros. */
  constructor(memory: ArrayBufferLike) {
    this.#words = new Uint32Array(memory);
    this.#rows = Math.floor(this.#words.length / words);
  }

  static bytesFor(pairs: number): number {
    return Math.max(1, pairs) * words * 4;
  }

  /** Keeps the pair; `transmit` is replaced by `correct` once the true stamp is known. */
  save(receive: Timestamp, client: Ip, transmit: Timestamp): void {
    const row = [receive.seconds, receive.fraction, transmit.seconds, transmit.fraction, mark(client), 1];
    this.#words.set(row, this.#at(receive));
  }

  /** The transmit stamp that goes with `receive`; undefined where it was not sent to that client, or is
   *  gone. */
  find(receive: Timestamp, client: Ip): Timestamp | undefined {
    const at = this.#at(receive);
    const w = this.#words;
    if (!this.#holds(at, receive) || w[at + 4] !== mark(client)) return undefined;
    return { seconds: w[at + 2]!, fraction: w[at + 3]! };
  }

  /** Puts the true transmit stamp in place of the one foreseen. */
  correct(receive: Timestamp, transmit: Timestamp): void {
    const at = this.#at(receive);
    if (this.#holds(at, receive)) this.#words.set([transmit.seconds, transmit.fraction], at + 2);
  }

  #holds(at: number, receive: Timestamp): boolean {
    const w = this.#words;
    return w[at] === receive.seconds && w[at + 1] === receive.fraction && w[at + 5] === 1;
  }

  #at(receive: Timestamp): number {
    const hash = Math.imul(receive.seconds ^ Math.imul(receive.fraction, 0x9e3779b1), 0x85ebca6b) >>> 0;
    return (hash % this.#rows) * words;
  }
}

/** A word for an address: a pair found under the right 64-bit stamp needs no more. */
function mark(ip: Ip): number {
  let hash = ip.length;
  for (const byte of ip) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
