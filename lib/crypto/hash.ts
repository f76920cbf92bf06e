import { createHash, createHmac } from "node:crypto";

/** Digests in one call, over the parts in order. MD5 is here for the protocols that know nothing better. */
export const md5 = (...parts: readonly Uint8Array[]): Uint8Array => digest("md5", parts);
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => digest("sha256", parts);
export const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => digest("sha512", parts);

export const hmacMd5 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  keyed("md5", key, parts);
export const hmacSha256 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  keyed("sha256", key, parts);

function digest(name: string, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function keyed(name: string, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHmac(name, key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
