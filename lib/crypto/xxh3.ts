import { avalanche3, folded, key, secret, short128, short64, shortBytes } from "./xxh3-short.ts";
import { bigEndian64, carried, halves, joined, mulHigh, prime64, u64, type Xxh } from "./xxh64.ts";

const [, p1, p2, p3, p4, p5] = prime64;
const stripeBytes = 64;
/** Stripes to a block: then the secret's end is reached, and the lanes are scrambled. */
const blockStripes = 16;
const scrambler = 0x9e3779b1 | 0;

const startLanes = [0xc2b2ae3dn, p1, p2, p3, p4, 0x85ebca77n, p5, 0x9e3779b1n];
const words = new Int32Array(secret.buffer);

/** Of the last stripe, which is met by bytes 121 to 184. */
const lastWords = new Int32Array(secret.slice(121, 185).buffer);

/** XXH3 with seed 0 and no secret of one's own (xxHash's specification, §XXH3): eight lanes of 64 bits over
 *  stripes of 64 bytes. A stripe is taken only once something follows it: the last one is another matter. */
class Xxh3 implements Xxh {
  /** Low and high half of each lane. */
  readonly #lanes = Int32Array.from(startLanes.flatMap((lane) => [...halves(lane)]));
  readonly #wide: boolean;
  /** From `#from` to `#to` not taken yet; before that, what was taken last. */
  #held = new Uint8Array(1024);
  #from = 0;
  #to = 0;
  #stripe = 0;
  #size = 0;

  constructor(wide: boolean) {
    this.#wide = wide;
  }

  update(bytes: Uint8Array): void {
    this.#size += bytes.length;
    this.#append(bytes);
    // Up to 240 bytes are hashed another way, and whole.
    if (this.#size <= shortBytes) return;
    const view = new DataView(this.#held.buffer);
    while (this.#to - this.#from > stripeBytes) {
      this.#take(view, this.#from, words, (this.#stripe % blockStripes) * 2);
      this.#from += stripeBytes;
      if (++this.#stripe % blockStripes === 0) this.#scramble();
    }
  }

  /** Keeps the last stripe that was taken: the end may reach back into it. */
  #append(bytes: Uint8Array): void {
    const keep = Math.max(0, this.#from - stripeBytes);
    const size = this.#to - keep;
    if (size + bytes.length > this.#held.length) {
      const wider = new Uint8Array(size + bytes.length + 1024);
      wider.set(this.#held.subarray(keep, this.#to));
      this.#held = wider;
    } else this.#held.copyWithin(0, keep, this.#to);
    this.#held.set(bytes, size);
    this.#from -= keep;
    this.#to = size + bytes.length;
  }

  /** For each lane: += the low half times the high half of (input ^ secret); its neighbour += input. */
  #take(view: DataView, at: number, words: Int32Array, k: number): void {
    const lanes = this.#lanes;
    for (let i = 0; i < 8; i++) {
      const low = view.getInt32(at + i * 8, true);
      const high = view.getInt32(at + i * 8 + 4, true);
      const a = low ^ words[k + i * 2]!;
      const b = high ^ words[k + i * 2 + 1]!;
      const next = (i ^ 1) * 2;
      const before = lanes[next]!;
      const plain = (before + low) | 0;
      lanes[next] = plain;
      lanes[next + 1] = (lanes[next + 1]! + high + carried(before, plain)) | 0;
      const was = lanes[i * 2]!;
      const sum = (was + Math.imul(a, b)) | 0;
      lanes[i * 2] = sum;
      lanes[i * 2 + 1] = (lanes[i * 2 + 1]! + mulHigh(a, b) + carried(was, sum)) | 0;
    }
  }

  /** lane = (lane ^ lane >> 47 ^ secret) × a 32-bit prime. */
  #scramble(): void {
    const lanes = this.#lanes;
    for (let i = 0; i < 16; i += 2) {
      const high = lanes[i + 1]!;
      const low = lanes[i]! ^ (high >>> 15) ^ words[32 + i]!;
      const turned = high ^ words[33 + i]!;
      lanes[i] = Math.imul(low, scrambler);
      lanes[i + 1] = mulHigh(low, scrambler) + Math.imul(turned, scrambler);
    }
  }

  digest(): Uint8Array {
    if (this.#size <= shortBytes) {
      const whole = this.#held.subarray(this.#from, this.#to);
      if (!this.#wide) return bigEndian64(short64(whole));
      const { low, high } = short128(whole);
      return bigEndian64(high, low);
    }
    this.#take(new DataView(this.#held.buffer), this.#to - stripeBytes, lastWords, 0);
    const size = BigInt(this.#size);
    const low = this.#merged(11, u64(size * p1));
    return this.#wide ? bigEndian64(this.#merged(117, u64(~(size * p2))), low) : bigEndian64(low);
  }

  #merged(secretAt: number, start: bigint): bigint {
    const lane = (i: number): bigint =>
      joined(this.#lanes[i * 2]!, this.#lanes[i * 2 + 1]!) ^ key(secretAt + i * 8);
    let sum = start;
    for (let i = 0; i < 8; i += 2) sum += folded(lane(i), lane(i + 1));
    return avalanche3(u64(sum));
  }
}

export const xxh3 = (): Xxh => new Xxh3(false);
export const xxh128 = (): Xxh => new Xxh3(true);
