import { avalanche64, prime64, u64 } from "./xxh64.ts";

const [, p1, p2, , p4] = prime64;
const p32 = 0x85ebca77n;
const mix1 = 0x165667919e3779f9n;
const mix2 = 0x9fb21c651e98df25n;

/** Inputs up to this size are hashed whole. */
export const shortBytes = 240;

/** The 192 bytes that stand for a secret where none is chosen. */
const secretText =
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221" +
  "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8" +
  "fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb17" +
  "0ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e";
export const secret: Uint8Array<ArrayBuffer> = Uint8Array.fromHex(secretText);
const secretView = new DataView(secret.buffer);

/** Eight bytes of the secret, little-endian. */
export const key = (at: number): bigint => secretView.getBigUint64(at, true);
const key32 = (at: number): number => secretView.getUint32(at, true);

export interface Pair {
  low: bigint;
  high: bigint;
}

const wide = (a: bigint, b: bigint): Pair => ({ low: u64(a * b), high: (a * b) >> 64n });
export const folded = (a: bigint, b: bigint): bigint => u64(a * b) ^ ((a * b) >> 64n);
const xorShift = (value: bigint, by: bigint): bigint => value ^ (value >> by);

export function avalanche3(hash: bigint): bigint {
  const mixed = u64(xorShift(hash, 37n) * mix1);
  return xorShift(mixed, 32n);
}

function swapped(value: bigint, bytes: 4 | 8): bigint {
  let out = 0n;
  for (let i = 0n; i < BigInt(bytes); i++) out = (out << 8n) | ((value >> (8n * i)) & 255n);
  return out;
}

/** XXH3 of at most 240 bytes, 64 bits wide (xxHash's specification, §XXH3). */
export function short64(bytes: Uint8Array): bigint {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytes.length;
  if (size === 0) return avalanche64(key(56) ^ key(64));
  if (size <= 3) return avalanche64(three(bytes) ^ BigInt((key32(0) ^ key32(4)) >>> 0));
  if (size <= 8) {
    const input = BigInt(v.getUint32(size - 4, true)) + (BigInt(v.getUint32(0, true)) << 32n);
    return rrmxmx(input ^ key(8) ^ key(16), BigInt(size));
  }
  if (size <= 16) {
    const low = v.getBigUint64(0, true) ^ key(24) ^ key(32);
    const high = v.getBigUint64(size - 8, true) ^ key(40) ^ key(48);
    return avalanche3(u64(BigInt(size) + swapped(low, 8) + high + folded(low, high)));
  }
  return size <= 128 ? upTo128(v) : upTo240(v);
}

/** One to three bytes and their number in 32 bits. */
function three(bytes: Uint8Array): bigint {
  const size = bytes.length;
  const word = (bytes[0]! << 16) | (bytes[size >> 1]! << 24) | bytes[size - 1]! | (size << 8);
  return BigInt(word >>> 0);
}

function rrmxmx(input: bigint, size: bigint): bigint {
  const rotated = (by: bigint): bigint => u64(input << by) | (input >> (64n - by));
  let hash = u64((input ^ rotated(49n) ^ rotated(24n)) * mix2);
  hash = u64((hash ^ ((hash >> 35n) + size)) * mix2);
  return xorShift(hash, 28n);
}

const mixed = (v: DataView, at: number, with_: number): bigint =>
  folded(v.getBigUint64(at, true) ^ key(with_), v.getBigUint64(at + 8, true) ^ key(with_ + 8));

function upTo128(v: DataView): bigint {
  const size = v.byteLength;
  let sum = BigInt(size) * p1;
  for (let i = Math.floor((size - 1) / 32); i >= 0; i--) {
    sum += mixed(v, i * 16, i * 32) + mixed(v, size - 16 * (i + 1), i * 32 + 16);
  }
  return avalanche3(u64(sum));
}

function upTo240(v: DataView): bigint {
  const size = v.byteLength;
  let sum = BigInt(size) * p1;
  for (let i = 0; i < 8; i++) sum += mixed(v, i * 16, i * 16);
  sum = avalanche3(u64(sum));
  for (let i = 8; i < Math.floor(size / 16); i++) sum += mixed(v, i * 16, (i - 8) * 16 + 3);
  return avalanche3(u64(sum + mixed(v, size - 16, 119)));
}

/** The same, 128 bits wide. */
export function short128(bytes: Uint8Array): Pair {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytes.length;
  if (size === 0) return { low: avalanche64(key(64) ^ key(72)), high: avalanche64(key(80) ^ key(88)) };
  if (size <= 3) {
    const low = three(bytes);
    const turned = Number(swapped(low, 4));
    const high = BigInt(((turned << 13) | (turned >>> 19)) >>> 0);
    const flip = (at: number): bigint => BigInt((key32(at) ^ key32(at + 4)) >>> 0);
    return { low: avalanche64(low ^ flip(0)), high: avalanche64(high ^ flip(8)) };
  }
  if (size <= 8) return eight(v);
  if (size <= 16) return sixteen(v);
  return size <= 128 ? pairUpTo128(v) : pairUpTo240(v);
}

function eight(v: DataView): Pair {
  const size = v.byteLength;
  const input = BigInt(v.getUint32(0, true)) + (BigInt(v.getUint32(size - 4, true)) << 32n);
  const m = wide(input ^ key(16) ^ key(24), u64(p1 + BigInt(size << 2)));
  const high = u64(m.high + (m.low << 1n));
  const low = u64(xorShift(m.low ^ (high >> 3n), 35n) * mix2);
  return { low: xorShift(low, 28n), high: avalanche3(high) };
}

function sixteen(v: DataView): Pair {
  const size = v.byteLength;
  const first = v.getBigUint64(0, true);
  const last = v.getBigUint64(size - 8, true);
  const m = wide(first ^ last ^ key(32) ^ key(40), p1);
  const low = u64(m.low + (BigInt(size - 1) << 54n));
  const flipped = last ^ key(48) ^ key(56);
  const high = u64(m.high + flipped + (flipped & 0xffffffffn) * (p32 - 1n));
  const h = wide(low ^ swapped(high, 8), p2);
  return { low: avalanche3(h.low), high: avalanche3(u64(h.high + high * p2)) };
}

/** Folds 32 bytes, 16 from each of two places, into the sums. */
function fold32(sum: Pair, v: DataView, one: number, two: number, with_: number): void {
  const whole = (at: number): bigint => u64(v.getBigUint64(at, true) + v.getBigUint64(at + 8, true));
  sum.low = u64(sum.low + mixed(v, one, with_)) ^ whole(two);
  sum.high = u64(sum.high + mixed(v, two, with_ + 16)) ^ whole(one);
}

function pairUpTo128(v: DataView): Pair {
  const size = v.byteLength;
  const sum = { low: u64(BigInt(size) * p1), high: 0n };
  for (let i = Math.floor((size - 1) / 32); i >= 0; i--) fold32(sum, v, i * 16, size - 16 * (i + 1), i * 32);
  return finished(sum, size);
}

function pairUpTo240(v: DataView): Pair {
  const size = v.byteLength;
  const sum = { low: u64(BigInt(size) * p1), high: 0n };
  for (let at = 0; at < 128; at += 32) fold32(sum, v, at, at + 16, at);
  sum.low = avalanche3(sum.low);
  sum.high = avalanche3(sum.high);
  for (let at = 128; at + 32 <= size; at += 32) fold32(sum, v, at, at + 16, at - 128 + 3);
  fold32(sum, v, size - 16, size - 32, 103);
  return finished(sum, size);
}

function finished({ low, high }: Pair, size: number): Pair {
  const mixedHigh = low * p1 + high * p4 + BigInt(size) * p2;
  return { low: avalanche3(u64(low + high)), high: u64(-avalanche3(u64(mixedHigh))) };
}
