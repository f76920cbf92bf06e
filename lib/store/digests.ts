import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { equalBytes } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { crc32c, crc64nvme } from "../crypto/crc.ts";
import { xxh128, xxh3 } from "../crypto/xxh3.ts";
import { xxh64 } from "../crypto/xxh64.ts";
import type { DigestName, Digests } from "./content.ts";

/** One running checksum. */
interface Running {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

const makers: Readonly<Record<DigestName, () => Running>> = {
  md5: () => hash("md5"),
  sha1: () => hash("sha1"),
  sha256: () => hash("sha256"),
  sha512: () => hash("sha512"),
  crc32: () => {
    let value = 0;
    return {
      update: (bytes) => void (value = crc32(bytes, value)),
      digest: () => Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255),
    };
  },
  crc32c,
  crc64nvme,
  xxhash64: xxh64,
  xxhash3: xxh3,
  xxhash128: xxh128,
};

function hash(name: string): Running {
  const running = createHash(name);
  return {
    update: (bytes) => void running.update(bytes),
    digest: () => new Uint8Array(running.digest()),
  };
}

/** Several checksums over the same bytes. `digest` once, at the end. */
export interface Digester {
  update(bytes: Uint8Array): void;
  digest(): Digests;
}

/** Names may repeat. */
export function digester(names: Iterable<DigestName>): Digester {
  const running = [...new Set(names)].map((name) => [name, makers[name]()] as const);
  return {
    update(bytes) {
      for (const [, one] of running) one.update(bytes);
    },
    digest: () => Object.fromEntries(running.map(([name, one]) => [name, one.digest()])),
  };
}

/** All of `bytes` at once. */
export function digestsOf(names: Iterable<DigestName>, bytes: Uint8Array): Digests {
  const all = digester(names);
  all.update(bytes);
  return all.digest();
}

export const digestNames = (digests: Digests): DigestName[] => Object.keys(digests) as DigestName[];

/** What a completion expects of the finished object, which has the digests that its upload was begun with and
 *  no other. */
export interface Finish {
  readonly expect?: Digests | undefined;
  readonly expectOf?: "object" | "parts" | undefined;
}

/** Whether it is so. Faults: digest; invalid (`where`: checksum). */
export function checkFinished(
  { expect = {}, expectOf }: Finish,
  made: Digests,
  of: "object" | "parts",
): Result<void> {
  const other = digestNames(expect).find((name) => made[name] === undefined);
  if (other === undefined && (expectOf ?? of) === of) return checkDigests(expect, made);
  return fail("invalid", "the upload was begun with another checksum", { where: "checksum" });
}

/** Whether every expected digest is among the made ones, and the same. Faults: digest. */
export function checkDigests(expected: Digests, made: Digests): Result<void> {
  for (const name of digestNames(expected)) {
    const mine = made[name];
    if (!mine || !equalBytes(mine, expected[name]!)) {
      return fail("digest", `the bytes do not have the ${name} that was announced`, { where: name });
    }
  }
  return ok();
}
