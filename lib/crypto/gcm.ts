import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Sealed } from "./ccm.ts";

/** AES-GCM (NIST SP 800-38D): key of 16 or 32 bytes, nonce of 12, tag of 16. */
export function sealGcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Sealed {
  const cipher = createCipheriv(name(key), key, nonce).setAAD(aad);
  const bytes = cipher.update(plain);
  cipher.final();
  return { bytes, tag: cipher.getAuthTag() };
}

/** The same over parts of one message, none of which is copied together. */
export function sealGcmParts(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plain: readonly Uint8Array[],
): { readonly parts: readonly Uint8Array[]; readonly tag: Uint8Array } {
  const cipher = createCipheriv(name(key), key, nonce).setAAD(aad);
  const parts = plain.map((part) => cipher.update(part));
  cipher.final();
  return { parts, tag: cipher.getAuthTag() };
}

/** The plain bytes, or undefined where the tag does not fit. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Sealed,
): Uint8Array | undefined {
  if (sealed.tag.length !== 16) return undefined;
  const cipher = createDecipheriv(name(key), key, nonce).setAAD(aad).setAuthTag(sealed.tag);
  const plain = cipher.update(sealed.bytes);
  try {
    cipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** AES-GMAC: the tag of GCM over nothing but associated data, given in parts. */
export function gmac(key: Uint8Array, nonce: Uint8Array, ...message: readonly Uint8Array[]): Uint8Array {
  const cipher = createCipheriv(name(key), key, nonce);
  for (const part of message) cipher.setAAD(part);
  cipher.final();
  return cipher.getAuthTag();
}

const name = (key: Uint8Array): "aes-128-gcm" | "aes-256-gcm" =>
  key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
