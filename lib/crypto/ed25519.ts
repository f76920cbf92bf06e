import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { hex } from "../base/bytes.ts";
import { sha256 } from "./hash.ts";

/** RFC 8032 Ed25519 keys as PEM: what OpenSSL reads and writes. */
export interface SigningKey {
  /** PKCS #8. A secret. */
  readonly privatePem: string;
  /** SubjectPublicKeyInfo. */
  readonly publicPem: string;
}

/** RFC 8410 §7: the PKCS #8 bytes that stand before the 32 bytes of the private key. */
const pkcs8Head = Uint8Array.fromHex("302e020100300506032b657004220420");

/** The key of 32 random bytes. */
export function signingKey(seed: Uint8Array): SigningKey {
  const der = Buffer.concat([pkcs8Head, seed.subarray(0, 32)]);
  return fromPrivate(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
}

/** The key of a PKCS #8 PEM text, or undefined where it holds no Ed25519 key. */
export function signingKeyOf(privatePem: string): SigningKey | undefined {
  try {
    const key = createPrivateKey(privatePem);
    return key.asymmetricKeyType === "ed25519" ? fromPrivate(key) : undefined;
  } catch {
    return undefined;
  }
}

const fromPrivate = (key: ReturnType<typeof createPrivateKey>): SigningKey => ({
  privatePem: key.export({ format: "pem", type: "pkcs8" }),
  publicPem: createPublicKey(key).export({ format: "pem", type: "spki" }),
});

export const signed = (key: SigningKey, message: Uint8Array): Uint8Array =>
  sign(null, message, createPrivateKey(key.privatePem));

/** Whether `signature` is the key's over `message`; false for a key or signature that cannot be read. */
export function isSigned(publicPem: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, createPublicKey(publicPem), signature);
  } catch {
    return false;
  }
}

/** Sixteen hexadecimal digits by which people compare keys: of SHA-256 over the SubjectPublicKeyInfo. */
export function keyFingerprint(publicPem: string): string {
  const der = createPublicKey(publicPem).export({ format: "der", type: "spki" });
  return hex(sha256(der)).slice(0, 16);
}
