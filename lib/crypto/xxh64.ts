import { concat } from "../base/bytes.ts";

/** A running XXH checksum. Not a cryptographic hash: it finds accidents, nobody's ill will. */
export interface Xxh {
  update(bytes: Uint8Array): void;
  /** Big-endian; 8 or 16 bytes. Once, at the end. */
  digest(): Uint8Array;
}

export const prime64 = [
  0n,
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const [, p1, p2, p3, p4, p5] = prime64;

/** The low 64 bits. */
export const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by));

/** The high half of a product of two unsigned 32-bit numbers. All halves here are 32-bit integers with a
 *  sign, whatever they stand for: anything else becomes a double, and ten times slower. */
export function mulHigh(a: number, b: number): number {
  const low = Math.imul(a & 0xffff, b & 0xffff);
  const left = Math.imul(a >>> 16, b & 0xffff);
  const right = Math.imul(a & 0xffff, b >>> 16);
  const middle = (low >>> 16) + (left & 0xffff) + (right & 0xffff);
  return (Math.imul(a >>> 16, b >>> 16) + (left >>> 16) + (right >>> 16) + (middle >>> 16)) | 0;
}

/** 1 where adding to `before` has given a smaller unsigned `sum`: the carry. */
export const carried = (before: number, sum: number): number =>
  (sum ^ -0x80000000) < (before ^ -0x80000000) ? 1 : 0;

export const halves = (value: bigint): readonly [number, number] => [
  Number(BigInt.asIntN(32, value)),
  Number(BigInt.asIntN(32, value >> 32n)),
];

/** The 64 bits whose halves these are. */
export const joined = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
const [p1Low, p1High] = halves(p1);
const [p2Low, p2High] = halves(p2);

export function bigEndian64(...values: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  for (const [i, value] of values.entries()) view.setBigUint64(i * 8, value);
  return new Uint8Array(view.buffer);
}

const blockBytes = 32;

/** XXH64 with seed 0 (xxHash's specification, §XXH64): four lanes of 64 bits over blocks of 32 bytes. The
 *  lanes are kept in halves, for a BigInt a step would be thirty times slower. */
class Xxh64 implements Xxh {
  /** Low and high half of each lane. */
  readonly #lanes = Int32Array.from([u64(p1 + p2), p2, 0n, u64(-p1)].flatMap((lane) => [...halves(lane)]));
  #held: Uint8Array = new Uint8Array(0);
  #size = 0;

  update(bytes: Uint8Array): void {
    this.#size += bytes.length;
    const all = this.#held.length === 0 ? bytes : concat([this.#held, bytes]);
    const whole = all.length - (all.length % blockBytes);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    for (let at = 0; at < whole; at += blockBytes) {
      for (let lane = 0; lane < 4; lane++) {
        const from = at + lane * 8;
        this.#round(lane * 2, view.getInt32(from, true), view.getInt32(from + 4, true));
      }
    }
    this.#held = all.slice(whole);
  }

  /** lane = rotate(lane + input × P2, 31) × P1. */
  #round(i: number, low: number, high: number): void {
    const lanes = this.#lanes;
    const byHigh = (mulHigh(low, p2Low) + Math.imul(low, p2High) + Math.imul(high, p2Low)) | 0;
    const before = lanes[i]!;
    const l = (before + Math.imul(low, p2Low)) | 0;
    const h = (lanes[i + 1]! + byHigh + carried(before, l)) | 0;
    const rl = (l << 31) | (h >>> 1);
    const rh = (h << 31) | (l >>> 1);
    lanes[i] = Math.imul(rl, p1Low);
    lanes[i + 1] = mulHigh(rl, p1Low) + Math.imul(rl, p1High) + Math.imul(rh, p1Low);
  }

  digest(): Uint8Array {
    let hash = u64((this.#size >= blockBytes ? this.#merged() : p5) + BigInt(this.#size));
    const view = new DataView(this.#held.buffer, this.#held.byteOffset, this.#held.length);
    let at = 0;
    for (; at + 8 <= view.byteLength; at += 8) {
      hash ^= roundOf(0n, view.getBigUint64(at, true));
      hash = u64(rotated(hash, 27n) * p1 + p4);
    }
    if (at + 4 <= view.byteLength) {
      hash ^= u64(BigInt(view.getUint32(at, true)) * p1);
      hash = u64(rotated(hash, 23n) * p2 + p3);
      at += 4;
    }
    for (; at < view.byteLength; at++) {
      hash = u64(rotated(hash ^ u64(BigInt(view.getUint8(at)) * p5), 11n) * p1);
    }
    return bigEndian64(avalanche64(hash));
  }

  #merged(): bigint {
    const lanes = [0, 2, 4, 6].map((i) => joined(this.#lanes[i]!, this.#lanes[i + 1]!));
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
    const sum = rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n);
    return lanes.reduce((hash, lane) => u64((hash ^ roundOf(0n, lane)) * p1 + p4), u64(sum));
  }
}

const roundOf = (lane: bigint, input: bigint): bigint => u64(rotated(u64(lane + input * p2), 31n) * p1);

export function avalanche64(hash: bigint): bigint {
  const once = u64((hash ^ (hash >> 33n)) * p2);
  const twice = u64((once ^ (once >> 29n)) * p3);
  return twice ^ (twice >> 32n);
}

export const xxh64 = (): Xxh => new Xxh64();
