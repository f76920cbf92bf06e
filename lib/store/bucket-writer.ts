import { pathText } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Actor } from "../rules/identity.ts";
import type { BucketTree, Found } from "./bucket-tree.ts";
import { changedMetadata, fileMetadata, statOfFile, wholeMs } from "./bucket-tree.ts";
import type { Content } from "./content.ts";
import { ContentReader } from "./content-reader.ts";
import type { Draft } from "./draft.ts";
import type { FileChange, FileStat, OpenFile, OpenHow } from "./files.ts";
import { checkChange, checkRange, closedFile, lostBase, notOpenedFor } from "./files-checks.ts";
import type { Bucket, Condition, ObjectFacts, ObjectVersion } from "./objects.ts";

export interface WriterNeeds {
  readonly tree: BucketTree;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly draft: Draft;
  readonly facts: Bucket;
  /** What was there at opening; `base` is its content, unless it begins anew. */
  readonly found: Found;
  readonly base: Content | undefined;
  readonly how: OpenHow;
}

/** An object open to be written: the draft takes what is written, and closing publishes it as one version.
 *  What was there is copied into the draft when it is first written to, and not before. */
export class BucketWriter implements OpenFile {
  readonly file = undefined;
  readonly #needs: WriterNeeds;
  /** Until the draft has its bytes, the base is read. */
  #base: ContentReader | undefined;
  #change: FileChange = {};
  #dirty: boolean;
  #open = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(needs: WriterNeeds) {
    this.#needs = needs;
    this.#base = needs.base && new ContentReader(needs.base);
    this.#dirty = needs.how.truncate || !needs.found.file;
  }

  get #size(): number {
    return this.#base?.size ?? this.#needs.draft.size;
  }

  /** Operations on one handle happen one after another. */
  #next<T>(run: () => Promise<Result<T>>): Promise<Result<T>> {
    const mine = this.#turn.then(() => (this.#open ? run() : closedFile()));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  stat(): Promise<Result<FileStat>> {
    return this.#next(async () => {
      const at = this.#needs.clock.wall();
      const { found, tree, facts } = this.#needs;
      const now = this.#dirty ? { modifiedAt: at } : {};
      const there = found.file ?? { ...nothing, bucket: tree.bucket, key: found.spot.key, createdAt: at };
      const { modifiedAt, mode, note } = this.#change;
      const stat = { ...statOfFile(there, facts), ...now, size: this.#size };
      return ok({
        ...stat,
        modifiedAt: modifiedAt ?? stat.modifiedAt,
        mode: mode ?? stat.mode,
        note: note ?? stat.note,
      });
    });
  }

  read(offset: number, length: number): Promise<Result<Uint8Array>> {
    return this.#next(async () => {
      if (!this.#needs.how.read) return notOpenedFor("reading");
      const sound = checkRange(offset, length);
      if (!sound.ok) return sound;
      return this.#base ? this.#base.read(offset, length) : this.#needs.draft.read(offset, length);
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    return this.#next(async () => {
      const sound = checkRange(offset, bytes.length);
      if (!sound.ok) return sound;
      const begun = await this.#begin(this.#size);
      if (!begun.ok) return begun;
      this.#dirty = true;
      return this.#needs.draft.write(offset, bytes);
    });
  }

  change(change: FileChange): Promise<Result<void>> {
    return this.#next(async () => {
      const sound = checkChange(change);
      if (!sound.ok) return sound;
      const { size, mode, note, modifiedAt } = change;
      if (size !== undefined) {
        const begun = await this.#begin(size);
        const cut = begun.ok ? await this.#needs.draft.resize(size) : begun;
        if (!cut.ok) return cut;
      }
      this.#change = {
        ...this.#change,
        ...(mode === undefined ? {} : { mode: mode & 0o777 }),
        ...(note === undefined ? {} : { note }),
        ...(modifiedAt === undefined ? {} : { modifiedAt: wholeMs(modifiedAt) }),
      };
      this.#dirty = true;
      return ok();
    });
  }

  /** Copies the first `size` bytes of the base into the draft, once. */
  async #begin(size: number): Promise<Result<void>> {
    const base = this.#base;
    if (!base) return ok();
    const end = Math.min(size, base.size);
    for (let at = 0; at < end;) {
      const chunk = await base.read(at, Math.min(1 << 20, end - at));
      const written = chunk.ok ? await this.#needs.draft.write(at, chunk.value) : chunk;
      if (!written.ok) return written;
      at += chunk.ok ? chunk.value.length : 0;
    }
    this.#base = undefined;
    await base.close();
    return ok();
  }

  flush(): Promise<Result<void>> {
    return this.#next(async () => (this.#base || !this.#dirty ? ok() : this.#needs.draft.flush()));
  }

  close(): Promise<Result<void>> {
    return this.#next(async () => {
      const published = this.#dirty ? await this.#publish() : ok();
      await this.#end();
      return published;
    });
  }

  async discard(): Promise<void> {
    await this.#next(async () => {
      await this.#end();
      return ok();
    });
  }

  async #end(): Promise<void> {
    this.#open = false;
    await this.#base?.close();
    await this.#needs.draft.drop();
  }

  async #publish(): Promise<Result<void>> {
    const { tree, found, actor, draft } = this.#needs;
    const { path, key } = found.spot;
    const parent = await tree.checkParent(path);
    if (!parent.ok) return parent;
    const now = await tree.look(path);
    if (!now.ok) return now;
    if (now.value.folder) return lostBase(path);
    const facts = await tree.facts();
    if (!facts.ok) return facts;
    // What was said of the same content meanwhile holds.
    const current = now.value.file?.etag === found.file?.etag ? now.value.file : found.file;
    const said = this.#facts(current);
    if (this.#base) return this.#describe(found.file!, said);
    const when = this.#condition(facts.value);
    const plain = { digests: [], expect: () => ({}), when };
    const name = { bucket: tree.bucket, key };
    const body = await draft.source();
    if (!body.ok) return body;
    const put = await tree.objects.put(actor, name, body.value, { ...said, ...plain });
    if (put.ok) return ok();
    const { code } = put.fault;
    if (code === "precondition" || code === "conflict") return lostBase(path);
    if (code === "not-found" && when.ifMatch) return lostBase(path);
    return fail(code, put.fault.what, { where: pathText(path), mend: put.fault.mend });
  }

  /** Only what is said of the file has changed. */
  async #describe(base: ObjectVersion, { metadata, modifiedAt }: ObjectFacts): Promise<Result<void>> {
    const { tree, actor } = this.#needs;
    const change = { metadata, ...(modifiedAt === undefined ? {} : { modifiedAt }) };
    const done = await tree.objects.describe(actor, base, base.version, change);
    if (done.ok) return ok();
    return done.fault.code === "not-found" ? lostBase(this.#needs.found.spot.path) : done;
  }

  /** Where versions are kept nothing is lost; elsewhere the base must still be there. */
  #condition({ versioning }: Bucket): Condition {
    const base = this.#needs.found.file;
    if (versioning === "enabled") return this.#needs.how.create === "new" ? { base: "" } : {};
    return base ? { ifMatch: [base.etag] } : { ifNoneMatch: "any" };
  }

  #facts(base: ObjectVersion | undefined): ObjectFacts {
    const { found, how } = this.#needs;
    const { modifiedAt } = this.#change;
    const kept = base && !how.truncate ? base : nothing;
    const before = { ...fileMetadata(base?.metadata ?? {}), ...kept.metadata };
    return {
      contentType: kept.contentType ?? contentTypeOf(found.spot.key),
      headers: kept.headers,
      metadata: changedMetadata(before, this.#change, "file"),
      tags: kept.tags,
      modifiedAt,
    };
  }
}

/** What the ending of a name says of its content; undefined where it says nothing. */
function contentTypeOf(key: string): string | undefined {
  const { type } = Bun.file(key);
  return type === "application/octet-stream" || type === "" ? undefined : type;
}

const nothing: Omit<ObjectVersion, "bucket" | "key" | "createdAt"> = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  version: "null",
  latest: true,
  deleteMarker: false,
  size: 0,
  etag: "",
  digests: {},
  digestsOf: "object",
  parts: [],
  lock: { mode: "none", until: undefined, legalHold: false },
};
