import { concat, equalBytes, hex } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { DigestName, Digests } from "./content.ts";
import { checkFinished, digestNames, digestsOf } from "./digests.ts";
import type { Completion, LockState, ObjectVersion, Part, Upload } from "./objects.ts";

export interface MemoryPart {
  readonly part: Part;
  readonly bytes: Uint8Array;
}

/** An upload on its way; once completed, its answer. */
export interface MemoryUpload {
  readonly upload: Upload;
  readonly lock: LockState;
  readonly parts: Map<number, MemoryPart>;
}

/** What the listed parts make. */
export interface Assembled {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly digests: Digests;
  readonly sizes: readonly number[];
}

/** Puts the listed parts together. Faults: invalid (`where`: empty, order, part), bad-range, too-large. */
export function assemble({ upload, parts }: MemoryUpload, how: Completion): Result<Assembled> {
  if (how.parts.length === 0) return fail("invalid", "no parts are listed", { where: "empty" });
  const chosen: MemoryPart[] = [];
  let before = 0;
  for (const { number, etag, digests } of how.parts) {
    if (number <= before) return fail("invalid", "the parts are not in rising order", { where: "order" });
    before = number;
    const found = parts.get(number);
    if (found?.part.etag !== etag || !sameDigests(digests, found.part.digests)) {
      return fail("invalid", `part ${number} is unknown or another one`, { where: "part" });
    }
    chosen.push(found);
  }
  const small = chosen.slice(0, -1).find(({ part }) => part.size < how.minPartBytes);
  if (small) return fail("bad-range", `part ${small.part.number} is smaller than ${how.minPartBytes} bytes`);
  const sizes = chosen.map(({ part }) => part.size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > limits.objectBytes) return fail("too-large", "an object may have 5 TiB");
  const bytes = concat(chosen.map((one) => one.bytes));
  const md5s = concat(chosen.map(({ part }) => Uint8Array.fromHex(part.etag)));
  const etag = `${hex(digestsOf(["md5"], md5s).md5!)}-${chosen.length}`;
  const digests =
    upload.digestsOf === "object"
      ? digestsOf(upload.digests, bytes)
      : Object.fromEntries(upload.digests.map((name) => [name, digestOfParts(name, chosen)]));
  const sound = checkFinished(how, digests, upload.digestsOf);
  return sound.ok ? ok({ bytes, etag, digests, sizes }) : sound;
}

function digestOfParts(name: DigestName, chosen: readonly MemoryPart[]): Uint8Array {
  return digestsOf([name], concat(chosen.map(({ part }) => part.digests[name]!)))[name]!;
}

function sameDigests(listed: Digests, kept: Digests): boolean {
  return digestNames(listed).every((name) => {
    const mine = kept[name];
    return mine !== undefined && equalBytes(mine, listed[name]!);
  });
}

/** Completed uploads, so that a client that missed the answer can ask again: the newest thousand. */
export class CompletedUploads {
  readonly #answers = new Map<string, ObjectVersion>();

  keep(id: string, version: ObjectVersion): void {
    this.#answers.set(id, version);
    if (this.#answers.size > 1000) this.#answers.delete(this.#answers.keys().next().value!);
  }

  /** The answer, where the id was of this name. */
  of(key: string, id: string): ObjectVersion | undefined {
    const version = this.#answers.get(id);
    return version?.key === key ? version : undefined;
  }
}

/** Bytes of all the parts so far. */
export function partBytes(open: MemoryUpload): number {
  return [...open.parts.values()].reduce((sum, { part }) => sum + part.size, 0);
}
