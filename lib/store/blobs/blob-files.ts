import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { concat } from "../../base/bytes.ts";
import type { Entropy } from "../../base/entropy.ts";
import { randomText } from "../../base/ids.ts";
import { limits } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { NewBlob, Shaped } from "../catalog/blob-table.ts";
import type { DigestName, Digests, Source } from "../content.ts";
import { checkDigests, digestNames, digestsOf } from "../digests.ts";
import type { SealedKey } from "../keys/data-keys.ts";
import { shaped, type Shaping } from "./body-form.ts";
import { BodyReader } from "./body-reader.ts";
import { fileFault, blobPath, codeOf, type FileOps } from "./file-ops.ts";
import type { Flow, SinkPool } from "./sink-pool.ts";
import type { Sunk } from "./sink.ts";

/** Bodies up to this size lie in the catalog; larger ones are files of their own. */
export const inlineBytes = 64 << 10;

/** A body that is on disk (or small, and in memory until the commit) and not yet referred to. */
export interface Arrived {
  readonly size: number;
  /** MD5, those asked for and those expected. */
  readonly digests: Digests;
  /** What to refer to; undefined where there are no bytes. */
  readonly blob: NewBlob | undefined;
  /** After the commit that refers to it, or when there will be none. */
  settle(kept: boolean): Promise<void>;
}

/** The form a body is to take on disk, and what is kept of the key that seals it. */
export interface PlannedForm extends Shaping {
  readonly kept: SealedKey | undefined;
}

export interface BlobFilesNeeds {
  /** `<data>/blobs`. */
  readonly folder: string;
  /** This process's own folder in `<data>/staging`. */
  readonly staging: string;
  readonly files: FileOps;
  readonly pool: SinkPool;
  readonly entropy: Entropy;
}

/** Takes bodies in: hashes them, and puts large ones into immutable files before anything refers to them. */
export class BlobFiles {
  readonly #needs: BlobFilesNeeds;

  constructor(needs: BlobFilesNeeds) {
    this.#needs = needs;
  }

  get folder(): string {
    return this.#needs.folder;
  }

  get files(): FileOps {
    return this.#needs.files;
  }

  /** Faults: cancelled (the source threw), truncated, invalid (more than announced), too-large, digest,
   *  no-space, read-only, too-many, io. */
  async receive(
    body: Source,
    names: readonly DigestName[],
    expect: () => Digests,
    form?: PlannedForm,
  ): Promise<Result<Arrived>> {
    if (body.size !== undefined && body.size > limits.objectBytes) {
      return fail("too-large", "an object may have 5 TiB");
    }
    const wanted: DigestName[] = [...new Set<DigestName>(["md5", ...names, ...digestNames(expect())])];
    const whole = form ? undefined : await this.#adopt(body, wanted, expect);
    if (whole) return whole;
    if (body.bytes && body.bytes.length === body.size && body.size <= inlineBytes) {
      return small(body.bytes, wanted, expect, form);
    }
    const reader = new BodyReader(body);
    const head = await reader.head(inlineBytes);
    if (!head.ok) return head;
    const { chunks, ended } = head.value;
    if (ended) return small(chunks.length === 1 ? chunks[0]! : concat(chunks), wanted, expect, form);
    const arrived = await this.#large(chunks, reader, wanted, expect, form);
    if (!arrived.ok) await reader.leave();
    return arrived;
  }

  /** A body that lies in our staging folder already, hashed and on disk, becomes a blob by a second name. */
  async #adopt(
    { size, file: draft }: Source,
    wanted: readonly DigestName[],
    expect: () => Digests,
  ): Promise<Result<Arrived> | undefined> {
    const { staging, folder, files } = this.#needs;
    if (!draft || size === undefined || size <= inlineBytes || dirname(draft.path) !== staging)
      return undefined;
    if (!wanted.every((name) => draft.digests[name])) return undefined;
    const checked = checkDigests(expect(), draft.digests);
    if (!checked.ok) return checked;
    const file = basename(draft.path);
    const path = blobPath(folder, file);
    try {
      files.makeFolder(dirname(path));
      files.link(draft.path, path);
      await files.syncFolderLater(dirname(path));
    } catch (error) {
      await this.#settle(file, draft.path, false);
      return { ok: false, fault: fileFault(error) };
    }
    const settle = (kept: boolean): Promise<void> => this.#settle(file, draft.path, kept);
    return ok({
      size,
      digests: draft.digests,
      blob: { in: "file", file, size, md5: draft.digests.md5! },
      settle,
    });
  }

  async #large(
    head: readonly Uint8Array[],
    reader: BodyReader,
    names: readonly DigestName[],
    expect: () => Digests,
    form: PlannedForm | undefined,
  ): Promise<Result<Arrived>> {
    const { staging, entropy, pool, folder } = this.#needs;
    const file = randomText(entropy, 26);
    const draft = join(staging, file);
    const opened = await pool.open(draft, names, form && { form: form.form, key: form.key });
    if (!opened.ok) return opened;
    const flow = opened.value;
    const poured = await pour(flow, head, reader);
    const checked = poured.ok ? checkDigests(expect(), poured.value.digests) : poured;
    const published = checked.ok ? await flow.publish(blobPath(folder, file)) : checked;
    if (poured.ok && published.ok) {
      flow.leave();
      const settle = (kept: boolean): Promise<void> => this.#settle(file, draft, kept);
      const { size, digests } = poured.value;
      return ok({ size, digests, blob: fileBlob(file, poured.value, form), settle });
    }
    if (checked.ok) {
      flow.leave();
      await this.#settle(file, draft, false);
    } else {
      await flow.abandon();
      this.#forget(draft);
    }
    return published.ok ? fail("io", "the body was not written") : published;
  }

  /** The draft keeps its staging name until the catalog refers to the file, or until the file is gone for
   *  certain: recovery finds it by that. */
  async #settle(file: string, draft: string, kept: boolean): Promise<void> {
    if (kept || (await this.unlink([file])).length > 0) this.#forget(draft);
  }

  /** Deletes blob files that nothing refers to. Gives back those that are gone for certain; recovery tries
   *  the others again. */
  async unlink(names: readonly string[]): Promise<string[]> {
    const { folder, files } = this.#needs;
    const gone = names.filter((file) => this.#forget(blobPath(folder, file)));
    const certain = new Set<string>();
    for (const place of new Set(gone.map((file) => dirname(blobPath(folder, file))))) {
      try {
        await files.syncFolderLater(place);
        certain.add(place);
      } catch (error) {
        if (codeOf(error) === "ENOENT") certain.add(place); // never made
      }
    }
    return gone.filter((file) => certain.has(dirname(blobPath(folder, file))));
  }

  #forget(path: string): boolean {
    try {
      this.#needs.files.unlink(path);
      return true;
    } catch {
      return false;
    }
  }
}

function fileBlob(file: string, { size, digests, stored }: Sunk, form: PlannedForm | undefined): NewBlob {
  if (!form || !stored) return { in: "file", file, size, md5: digests.md5! };
  return { in: "file", file, size: stored.size, md5: stored.md5, shaped: shapedAs(form, size) };
}

const shapedAs = ({ form, kept }: PlannedForm, plain: number): Shaped => ({ form, plain, key: kept });

function small(
  body: Uint8Array,
  names: readonly DigestName[],
  expect: () => Digests,
  form: PlannedForm | undefined,
): Result<Arrived> {
  const digests = digestsOf(names, body);
  const checked = checkDigests(expect(), digests);
  if (!checked.ok) return checked;
  const blob = body.length > 0 ? rowBlob(body, form) : undefined;
  return ok({ size: body.length, digests, blob, settle: () => Promise.resolve() });
}

function rowBlob(plain: Uint8Array, form: PlannedForm | undefined): NewBlob {
  const suits = form?.form.includes("z") ? suitedForm(form, plain) : form;
  if (!suits) return { in: "row", body: plain, check32: crc32(plain) };
  const body = shaped(suits, plain);
  return { in: "row", body, check32: crc32(body), shaped: shapedAs(suits, plain.length) };
}

/** A small body that does not shrink is not compressed. */
function suitedForm(form: PlannedForm, plain: Uint8Array): PlannedForm | undefined {
  if (shaped({ form: "z", key: undefined }, plain).length < plain.length) return form;
  return form.form === "ze" ? { ...form, form: "e" } : undefined;
}

async function pour(flow: Flow, head: readonly Uint8Array[], reader: BodyReader): Promise<Result<Sunk>> {
  for (const chunk of head) {
    const sent = await flow.write(chunk);
    if (!sent.ok) return sent;
  }
  for (;;) {
    const next = await reader.next();
    if (!next.ok) return next;
    if (next.value === undefined) return flow.finish();
    const sent = await flow.write(next.value);
    if (!sent.ok) return sent;
  }
}
