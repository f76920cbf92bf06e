import { createCipheriv } from "node:crypto";

const block = 16;
const zeros = new Uint8Array(block);

/** AES-CMAC (RFC 4493, NIST SP 800-38B) under one key of 16, 24 or 32 bytes. Keeps no state between sums. */
export class Cmac {
  readonly #key: Uint8Array;
  /** Subkeys K1 and K2 of RFC 4493 §2.3. */
  readonly #whole: Uint8Array;
  readonly #padded: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
    this.#whole = doubled(aes(this.#key, "ecb", null).update(zeros));
    this.#padded = doubled(this.#whole);
  }

  /** The 16-byte tag of `message`, which may be empty. */
  sum(message: Uint8Array): Uint8Array {
    const rest = message.length % block;
    const full = message.length > 0 && rest === 0;
    const last = message.length - (full ? block : rest);
    const tail = new Uint8Array(block);
    tail.set(message.subarray(last));
    if (!full) tail[rest] = 0x80;
    mix(tail, full ? this.#whole : this.#padded);
    const cbc = aes(this.#key, "cbc", zeros);
    if (last > 0) cbc.update(message.subarray(0, last));
    return cbc.update(tail);
  }
}

/** One tag for one message; where a key signs many, keep a `Cmac`. */
export const cmac = (key: Uint8Array, message: Uint8Array): Uint8Array => new Cmac(key).sum(message);

/** Multiplication by x in GF(2^128), big-endian: dbl of RFC 5297 §2.3. */
export function doubled(of: Uint8Array): Uint8Array {
  const out = new Uint8Array(block);
  let carry = 0;
  for (let i = block - 1; i >= 0; i--) {
    out[i] = (of[i]! << 1) | carry;
    carry = of[i]! >> 7;
  }
  if (carry) out[block - 1]! ^= 0x87;
  return out;
}

function mix(into: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < other.length; i++) into[i]! ^= other[i]!;
}

const aes = (key: Uint8Array, mode: "ecb" | "cbc", iv: Uint8Array | null) =>
  createCipheriv(`aes-${key.length * 8}-${mode}`, key, iv).setAutoPadding(false);
