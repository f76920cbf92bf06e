import { createHash } from "node:crypto";
import { encryptionDocument } from "../../lib/rules/encryption.ts";
import { compressionDocument, deduplicationDocument } from "../../lib/rules/stored-form.ts";
import type { NewObject } from "../../lib/store/objects.ts";

export type Kind = "put" | "delete" | "upload" | "abort";

export const newObject: NewObject = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: [],
  expect: () => ({}),
  when: {},
};

/** Whole numbers below `n`, the same for the same seed. */
export function random(seed: string): (n: number) => number {
  let state = createHash("md5").update(seed).digest().readUInt32LE(0) || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/** Steps that write so many bytes write one of a few bodies, so that equal ones are met. */
export const commonBytes = 80_000;

/** The bytes that the step `id` writes. */
export function bodyOf(id: string, size: number): Uint8Array {
  const line = createHash("sha512")
    .update(size === commonBytes ? id.slice(-1) : id)
    .digest();
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += line.length) line.copy(bytes, at);
  return bytes;
}

/** How the bucket "kept" keeps bodies: every transformation at once. */
export const keptForm = {
  [encryptionDocument]: JSON.stringify({ kind: "house" }),
  [compressionDocument]: "zstd",
  [deduplicationDocument]: "on",
};

/** A few parts, one of them small enough to lie in the catalog. */
export function partSizes(size: number): number[] {
  const first = Math.ceil(size / 2);
  return [first, size - first - 1000, 1000];
}
