import { statfs } from "node:fs/promises";
import { isWithin, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { encryptionDocument } from "../rules/encryption.ts";
import type { Actor } from "../rules/identity.ts";
import { BucketHistory } from "./bucket-history.ts";
import { listFolder } from "./bucket-list.ts";
import { BucketReader } from "./bucket-reader.ts";
import { BucketTree, changedMetadata, wholeMs, type Found } from "./bucket-tree.ts";
import { BucketWriter } from "./bucket-writer.ts";
import type { Page } from "./content.ts";
import { Draft, type DraftPlace } from "./draft.ts";
import type { DirEntry, FileChange, Files, FileStat, OpenFile, OpenHow, Space } from "./files.ts";
import { checkChange, checkHow, isFolder, noSuch, notFolder, taken } from "./files-checks.ts";
import type { ObjectFacts, Objects, ObjectVersion } from "./objects.ts";
import { errnoResult } from "./posix-errno.ts";
import { versionsName } from "./tree-names.ts";

export interface BucketFilesNeeds extends DraftPlace {
  /** Who all this is done for: goes into the change feed. */
  readonly actor: Actor;
  readonly clock: Clock;
}

/** A bucket, or the keys of it that begin with `prefix` ("" or "team/alice/"), as a tree. A folder that is
 *  made is the zero-byte key "dir/"; others are there because of their keys. What no tree can show has an
 *  escaped name (tree-names.ts); older versions are in the folder `.versions` (bucket-history.ts). */
export function filesOf(objects: Objects, bucket: string, prefix: string, needs: BucketFilesNeeds): Files {
  return new BucketFiles(new BucketTree(objects, bucket, prefix, needs.clock), needs);
}

class BucketFiles implements Files {
  readonly #tree: BucketTree;
  readonly #history: BucketHistory;
  readonly #needs: BucketFilesNeeds;

  constructor(tree: BucketTree, needs: BucketFilesNeeds) {
    this.#tree = tree;
    this.#history = new BucketHistory(tree);
    this.#needs = needs;
  }

  async stat(path: Path): Promise<Result<FileStat>> {
    if (path.includes(versionsName)) return this.#history.stat(path);
    const found = await this.#tree.find(path);
    if (!found.ok) return found;
    const { spot, file, folder } = found.value;
    if (folder) return this.#tree.folderStat(spot.start ?? spot.folder, folder.mark);
    return this.#tree.fileStat(file!);
  }

  async list(path: Path, after: string, limit: number): Promise<Result<Page<DirEntry>>> {
    if (path.includes(versionsName)) return this.#history.list(path, after, limit);
    const found = await this.#tree.find(path);
    if (!found.ok) return found;
    if (!found.value.folder) return notFolder(path);
    return listFolder(this.#tree, found.value.spot, after, limit);
  }

  async open(path: Path, how: OpenHow): Promise<Result<OpenFile>> {
    const sound = checkHow(how);
    if (!sound.ok) return sound;
    if (path.includes(versionsName) && !how.write) return this.#history.open(path);
    const looked = await this.#tree.look(path);
    if (!looked.ok) return looked;
    const found = looked.value;
    if (found.folder) return isFolder(path);
    if (!found.file && how.create === "must") return this.#tree.missing(path);
    if (found.file && how.create === "new") return taken(path);
    if (!how.write) return this.#openReader(found.file!);
    if (!found.file) {
      const free = await this.#checkNew(found);
      if (!free.ok) return free;
    }
    return this.#openWriter(found, how);
  }

  async #openReader(file: ObjectVersion): Promise<Result<OpenFile>> {
    const facts = await this.#tree.facts();
    if (!facts.ok) return facts;
    const got = await this.#tree.objects.get(file);
    if (!got.ok) return got;
    const stat = await this.#tree.fileStat(got.value.version);
    if (!stat.ok) return stat;
    return ok(new BucketReader(stat.value, got.value.content));
  }

  async #openWriter(found: Found, how: OpenHow): Promise<Result<OpenFile>> {
    const facts = await this.#tree.facts();
    if (!facts.ok) return facts;
    const { actor, clock } = this.#needs;
    const draft = new Draft(this.#needs, facts.value.documents[encryptionDocument] !== undefined);
    const needs = { tree: this.#tree, actor, clock, draft, facts: facts.value, how };
    if (!found.file || how.truncate || found.file.size === 0) {
      return ok(new BucketWriter({ ...needs, found, base: undefined }));
    }
    const got = await this.#tree.objects.get(found.file);
    if (!got.ok) return got;
    const { version, content } = got.value;
    return ok(new BucketWriter({ ...needs, found: { ...found, file: version }, base: content }));
  }

  /** Whether a name can be given to something new. Faults: bad-name, not-found, not-directory. */
  async #checkNew({ spot }: Found): Promise<Result<void>> {
    if (spot.beside || spot.start !== undefined) {
      return fail("bad-name", "a name of this form shows a key that exists", { where: spot.path.at(-1) });
    }
    return this.#tree.checkParent(spot.path);
  }

  async makeFolder(path: Path): Promise<Result<void>> {
    const looked = await this.#tree.look(path);
    if (!looked.ok) return looked;
    if (looked.value.folder || looked.value.file) return taken(path);
    const free = await this.#checkNew(looked.value);
    if (!free.ok) return free;
    const made = await this.#mark(looked.value.spot.folder, folderFacts);
    if (made.ok || made.fault.code !== "precondition") return made;
    return taken(path);
  }

  /** Makes the key of a folder. */
  async #mark(key: string, facts: ObjectFacts): Promise<Result<void>> {
    const body = { size: 0, chunks: noChunks() };
    const when = { ifNoneMatch: "any" } as const;
    const ask = { ...facts, digests: [], expect: () => ({}), when };
    const put = await this.#tree.objects.put(
      this.#needs.actor,
      { bucket: this.#tree.bucket, key },
      body,
      ask,
    );
    return put.ok ? ok() : put;
  }

  async removeFile(path: Path): Promise<Result<void>> {
    const found = await this.#tree.find(path);
    if (!found.ok) return found;
    if (found.value.folder) return isFolder(path);
    const removed = await this.#remove(found.value.spot.key);
    return removed.ok ? this.#keepParent(path) : removed;
  }

  async #remove(key: string): Promise<Result<void>> {
    const removed = await this.#tree.objects.remove(this.#needs.actor, { bucket: this.#tree.bucket, key });
    return removed.ok ? ok() : removed;
  }

  /** A folder that was there because of what has just left it stays as an empty one. */
  async #keepParent(path: Path): Promise<Result<void>> {
    if (path.length <= 1) return ok();
    const parent = await this.#tree.look(path.slice(0, -1));
    if (!parent.ok || parent.value.folder || parent.value.spot.start !== undefined) return ok();
    const kept = await this.#mark(parent.value.spot.folder, folderFacts);
    return kept.ok || kept.fault.code === "precondition" ? ok() : kept;
  }

  async removeFolder(path: Path): Promise<Result<void>> {
    const found = await this.#tree.find(path);
    if (!found.ok) return found;
    const { folder, spot } = found.value;
    if (!folder) return notFolder(path);
    if (path.length === 0) return fail("denied", "the root stays");
    const full = spot.start === undefined ? await this.#tree.holdsSomething(spot.folder) : ok(true);
    if (!full.ok) return full;
    if (full.value) return fail("not-empty", "the folder is not empty");
    const removed = await this.#remove(spot.folder);
    return removed.ok ? this.#keepParent(path) : removed;
  }

  async rename(from: Path, to: Path, replace: boolean): Promise<Result<void>> {
    const found = await this.#tree.find(from);
    if (!found.ok) return found;
    if (isWithin(to, from)) {
      return from.length === to.length ? ok() : fail("invalid", "a folder cannot move into itself");
    }
    if (from.length === 0) return fail("invalid", "the root stays");
    if (to.length === 0) return taken(to);
    if (found.value.spot.start !== undefined) return fail("unsupported", "this shows part of a long name");
    const target = await this.#tree.look(to);
    if (!target.ok) return target;
    const there = target.value;
    const folder = found.value.folder !== undefined;
    if (there.file && (folder || !replace)) return taken(to);
    if (there.folder && (!folder || !replace)) return taken(to);
    if (!there.file) {
      const free = await this.#checkNew(there);
      if (!free.ok) return free;
    }
    const [a, b] = folder
      ? [found.value.spot.folder, there.spot.folder]
      : [found.value.spot.key, there.spot.key];
    const { actor } = this.#needs;
    const moved = await this.#tree.objects.move(actor, this.#tree.bucket, a, b, { folder, replace });
    return moved.ok ? this.#keepParent(from) : moved;
  }

  async change(path: Path, change: FileChange): Promise<Result<void>> {
    const sound = checkChange(change);
    if (!sound.ok) return sound;
    if (change.size !== undefined) return this.#changeContent(path, change);
    const found = await this.#tree.find(path);
    if (!found.ok) return found;
    const { file, folder, spot } = found.value;
    const subject = folder ? folder.mark : file;
    const facts = changedFacts(subject ?? folderFacts, change, folder ? "folder" : "file");
    if (subject) {
      const done = await this.#tree.objects.describe(this.#needs.actor, subject, subject.version, facts);
      if (done.ok) return ok();
      return done.fault.code === "not-found" ? noSuch(path) : done;
    }
    if (path.length === 0 || spot.start !== undefined) return fail("unsupported", "this folder has no key");
    return this.#mark(spot.folder, { ...folderFacts, ...facts });
  }

  async #changeContent(path: Path, change: FileChange): Promise<Result<void>> {
    const opened = await this.open(path, { read: false, write: true, create: "must", truncate: false });
    if (!opened.ok) return opened;
    const changed = await opened.value.change(change);
    if (changed.ok) return opened.value.close();
    await opened.value.discard();
    return changed;
  }

  async space(): Promise<Result<Space>> {
    const [bucket, usage] = await Promise.all([
      this.#tree.objects.bucket(this.#tree.bucket),
      this.#tree.objects.usage(this.#tree.bucket),
    ]);
    if (!bucket.ok) return bucket;
    if (!usage.ok) return usage;
    try {
      const disk = await statfs(this.#needs.staging);
      const { bytes: quota = Infinity } = bucket.value.quota;
      const total = Math.min(disk.blocks * disk.bsize, quota);
      const free = Math.min(disk.bavail * disk.bsize, Math.max(0, quota - usage.value.bytes), total);
      return ok({ total, free });
    } catch (error) {
      return errnoResult(error);
    }
  }
}

const folderFacts: ObjectFacts = {
  contentType: "application/x-directory",
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
};

function changedFacts(
  { metadata }: ObjectFacts,
  change: FileChange,
  kind: "file" | "folder",
): Partial<ObjectFacts> {
  const { mode, note, modifiedAt } = change;
  return {
    ...(mode === undefined && note === undefined
      ? {}
      : { metadata: changedMetadata(metadata, change, kind) }),
    ...(modifiedAt === undefined ? {} : { modifiedAt: wholeMs(modifiedAt) }),
  };
}

async function* noChunks(): AsyncGenerator<Uint8Array> {}
