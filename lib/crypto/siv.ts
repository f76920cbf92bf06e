import { createCipheriv } from "node:crypto";
import { Cmac, doubled } from "./cmac.ts";
import { equalSecrets } from "./equal.ts";

const block = 16;
const zeros = new Uint8Array(block);

/** AES-SIV (RFC 5297): authenticated encryption that a repeated nonce weakens only so far as to show that two
 *  messages are the same. The key is 32, 48 or 64 bytes: its first half makes the tag, its second encrypts.
 *  */
export class Siv {
  readonly #mac: Cmac;
  readonly #zeroSum: Uint8Array;
  readonly #cipher: string;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    const half = key.length / 2;
    this.#mac = new Cmac(key.subarray(0, half));
    this.#zeroSum = this.#mac.sum(zeros);
    this.#cipher = `aes-${half * 8}-ctr`;
    this.#key = Uint8Array.from(key.subarray(half));
  }

  /** Sixteen bytes of tag, then the ciphertext. `associated` are authenticated in their order, the nonce
   *  last. */
  seal(associated: readonly Uint8Array[], plaintext: Uint8Array): Uint8Array {
    const tag = this.#tag(associated, plaintext);
    const sealed = new Uint8Array(block + plaintext.length);
    sealed.set(tag);
    sealed.set(this.#crypt(tag, plaintext), block);
    return sealed;
  }

  /** The plaintext, or undefined where anything was changed. */
  open(associated: readonly Uint8Array[], sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < block) return undefined;
    const tag = sealed.subarray(0, block);
    const plaintext = this.#crypt(tag, sealed.subarray(block));
    return equalSecrets(tag, this.#tag(associated, plaintext)) ? plaintext : undefined;
  }

  /** S2V of RFC 5297 §2.4. */
  #tag(associated: readonly Uint8Array[], plaintext: Uint8Array): Uint8Array {
    let sum = this.#zeroSum;
    for (const bytes of associated) sum = mixed(doubled(sum), this.#mac.sum(bytes), 0);
    if (plaintext.length >= block) return this.#mac.sum(mixed(plaintext, sum, plaintext.length - block));
    const last = mixed(doubled(sum), plaintext, 0);
    last[plaintext.length]! ^= 0x80;
    return this.#mac.sum(last);
  }

  #crypt(tag: Uint8Array, bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes;
    const counter = Uint8Array.from(tag);
    counter[8]! &= 0x7f;
    counter[12]! &= 0x7f;
    return createCipheriv(this.#cipher, this.#key, counter).update(bytes);
  }
}

/** A copy of `bytes` with `other` xored in from `at` on. */
function mixed(bytes: Uint8Array, other: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < other.length; i++) copy[at + i]! ^= other[i]!;
  return copy;
}
