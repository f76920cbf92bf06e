import { createHash, createHmac } from "node:crypto";

/** Digests in one call, over the parts in order. MD5 is here for the protocols that know nothing better. */
export const md5 = (...parts: readonly Uint8Array[]): Uint8Array => digest("md5", parts);
export const sha1 = (...parts: readonly Uint8Array[]): Uint8Array => digest("sha1", parts);
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => digest("sha256", parts);
export const sha384 = (...parts: readonly Uint8Array[]): Uint8Array => digest("sha384", parts);
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

/** SHA-256 of bytes that come bit by bit. */
export interface RunningSha256 {
  update(bytes: Uint8Array): void;
  /** Once, at the end. */
  hex(): string;
}

export function runningSha256(): RunningSha256 {
  const running = createHash("sha256");
  return { update: (bytes) => void running.update(bytes), hex: () => running.digest("hex") };
}

/** Hexadecimal SHA-256 of Latin-1 text: one byte a character, as HTTP heads are kept. */
export const sha256HexLatin1 = (text: string): string =>
  createHash("sha256").update(text, "latin1").digest("hex");

/** HMAC-SHA256 over Latin-1 text, in hexadecimal. */
export const hmacSha256HexLatin1 = (key: Uint8Array, text: string): string =>
  createHmac("sha256", key).update(text, "latin1").digest("hex");

/** For AWS signature version 2, and nothing newer. */
export const hmacSha1 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  keyed("sha1", key, parts);
