import { createCipheriv, createDecipheriv } from "node:crypto";
import { concat, utf8 } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";

/** What stands before every sealed secret: how it was sealed. */
const form = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** Secrets under one 32-byte master key: AES-256-GCM, nonce of 96 random bits (SP 800-38D §8.2.2), bound to
 *  `purpose`, so that a sealed value moved to another row does not open.
 *  form (1) | nonce (12) | ciphertext | tag (16) */
export class Seal {
  readonly #key: Uint8Array;
  readonly #entropy: Entropy;

  constructor(key: Uint8Array, entropy: Entropy) {
    this.#key = key;
    this.#entropy = entropy;
  }

  close(secret: Uint8Array, purpose: string): Uint8Array {
    const nonce = this.#entropy(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(utf8(purpose));
    const sealed = concat([cipher.update(secret), cipher.final()]);
    return concat([Uint8Array.of(form), nonce, sealed, cipher.getAuthTag()]);
  }

  /** The secret, or undefined: another key, another purpose, or changed bytes. */
  open(sealed: Uint8Array, purpose: string): Uint8Array | undefined {
    if (sealed.length < 1 + nonceBytes + tagBytes || sealed[0] !== form) return undefined;
    const nonce = sealed.subarray(1, 1 + nonceBytes);
    const text = sealed.subarray(1 + nonceBytes, sealed.length - tagBytes);
    const cipher = createDecipheriv("aes-256-gcm", this.#key, nonce).setAAD(utf8(purpose));
    cipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    try {
      return concat([cipher.update(text), cipher.final()]);
    } catch {
      return undefined;
    }
  }
}
