import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** PKCS #8 and SPKI around a raw Ed25519 key (RFC 8410): the key is their last 32 bytes. */
const privateHead = Uint8Array.fromHex("302e020100300506032b657004220420");
const publicHead = Uint8Array.fromHex("302a300506032b6570032100");

const wrapped = (head: Uint8Array, key: Uint8Array): Buffer => Buffer.concat([head, key]);

/** An Ed25519 key pair (RFC 8032) from its 32-byte seed. */
export class Ed25519Key {
  readonly #key: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;

  constructor(seed: Uint8Array) {
    this.#key = createPrivateKey({ key: wrapped(privateHead, seed), format: "der", type: "pkcs8" });
    const spki = createPublicKey(this.#key).export({ format: "der", type: "spki" });
    this.publicKey = Uint8Array.from(spki.subarray(-32));
  }

  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array {
    return Uint8Array.from(sign(null, message, this.#key));
  }
}

/** Whether `signature` is that of `message` under the 32-byte public key. */
export function verifiesEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({ key: wrapped(publicHead, publicKey), format: "der", type: "spki" });
    return verify(null, message, key, signature);
  } catch {
    return false; // not a point of the curve
  }
}
