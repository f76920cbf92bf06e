import { concat } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Content, DigestName, Digests, Source } from "./content.ts";
import { checkDigests, digestNames, digester } from "./digests.ts";

/** What of a body is kept small enough to be given whole. */
const wholeBytes = 64 << 10;
const stepBytes = 256 << 10;

/** Reads a source to its end and checks it. Faults: cancelled (it threw), truncated, invalid (more than
 *  was announced), too-large, digest. */
export async function readSource(
  body: Source,
  names: readonly DigestName[],
  expect: () => Digests,
): Promise<Result<{ bytes: Uint8Array; digests: Digests }>> {
  const sums = digester(["md5", ...names, ...digestNames(expect())]);
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body.chunks) {
      size += chunk.length;
      if (body.size !== undefined && size > body.size)
        return fail("invalid", "more bytes came than were announced");
      if (size > limits.objectBytes) return fail("too-large", "an object may have 5 TiB");
      sums.update(chunk);
      parts.push(chunk.slice());
    }
  } catch (error) {
    return fail("cancelled", "the body broke off", { where: String(error) });
  }
  if (body.size !== undefined && size < body.size) {
    return fail("truncated", `${size} bytes came and ${body.size} were announced`);
  }
  const digests = sums.digest();
  const checked = checkDigests(expect(), digests);
  return checked.ok ? ok({ bytes: concat(parts), digests }) : checked;
}

/** The digests that are kept of an object: those asked for; MD5 is its ETag. */
export function keptDigests(all: Digests, names: readonly DigestName[]): Digests {
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}

/** Bytes in memory as immutable content. */
export function contentOfBytes(bytes: Uint8Array): Content {
  return {
    size: bytes.length,
    bytes: bytes.length <= wholeBytes ? bytes : undefined,
    file: undefined,
    read: (start, end) => slices(bytes, start, Math.min(end, bytes.length)),
    close: () => Promise.resolve(),
  };
}

async function* slices(bytes: Uint8Array, start: number, end: number): AsyncIterable<Uint8Array> {
  for (let at = start; at < end; at += stepBytes) {
    yield await Promise.resolve(bytes.slice(at, Math.min(end, at + stepBytes)));
  }
}
