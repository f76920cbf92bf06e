import { compareUtf8 } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import { fits, type Usage } from "../rules/quota.ts";
import {
  bucketChangeRefusal,
  changedLock,
  checkRetention,
  lockAtBirth,
  lockDocument,
  unlocked,
  type LockChange,
} from "../rules/retention.ts";
import { firstNot } from "./key-pages.ts";
import { CompletedUploads, type MemoryUpload } from "./memory-uploads.ts";
import type { Bucket, BucketChange, ObjectVersion } from "./objects.ts";

/** A version as it lies in memory; whether it is the latest is said by where it stands. */
export interface Stored {
  readonly row: Omit<ObjectVersion, "latest">;
  readonly bytes: Uint8Array;
}

/** One bucket's state: keys in byte order, each with its versions, newest first. Knows how versioning places
 *  and removes, and counts what is kept. Every method is one step: nothing happens in between. */
export class MemoryBucket {
  facts: Bucket;
  readonly keys: string[] = [];
  readonly uploads = new Map<string, MemoryUpload>();
  readonly completed = new CompletedUploads();
  readonly #versions = new Map<string, Stored[]>();
  readonly #newId: () => string;
  #usage: Usage = { bytes: 0, objects: 0 };

  constructor(facts: Bucket, newId: () => string) {
    this.facts = facts;
    this.#newId = newId;
  }

  get usage(): Usage {
    return this.#usage;
  }

  get isEmpty(): boolean {
    return this.keys.length === 0 && this.uploads.size === 0;
  }

  of(key: string): readonly Stored[] {
    return this.#versions.get(key) ?? [];
  }

  /** The current version, a delete marker too. */
  current(key: string): ObjectVersion | undefined {
    const [first] = this.of(key);
    return first && { ...first.row, latest: true };
  }

  /** The current version where it is not a delete marker. */
  live(key: string): Stored | undefined {
    const [first] = this.of(key);
    return first?.row.deleteMarker ? undefined : first;
  }

  shown(stored: Stored): ObjectVersion {
    return { ...stored.row, latest: this.of(stored.row.key)[0] === stored };
  }

  /** What a new version of `key` would replace: nothing where versions are kept. */
  replaced(key: string): Stored | undefined {
    if (this.facts.versioning === "enabled") return undefined;
    return this.of(key).find(({ row }) => row.version === "null");
  }

  /** Makes it the current version. `spared`: bytes that go away with it (parts of an upload).
   *  Faults: retained (what it replaces is locked), quota. */
  place(key: string, draft: Stored, at: UnixMs, spared = 0, replica?: string): Result<ObjectVersion> {
    if (replica && this.of(key).some(({ row }) => row.version === replica)) {
      return fail("conflict", "the version is there already", { where: key });
    }
    const gone = this.replaced(key);
    if (gone) {
      const free = checkRetention(gone.row.lock, at);
      if (!free.ok) return free;
    }
    const delta = { bytes: draft.row.size - spared, objects: draft.row.deleteMarker ? 0 : 1 };
    if (gone) {
      delta.bytes -= gone.row.size;
      delta.objects -= gone.row.deleteMarker ? 0 : 1;
    }
    const fit = fits(this.facts.quota, this.#usage, delta, `the bucket ${this.facts.name}`);
    if (!fit.ok) return fit;
    this.count({ bytes: -spared, objects: 0 });
    const lock = lockAtBirth(draft.row.lock, this.facts.documents[lockDocument], at);
    return ok(this.settle(key, { ...draft, row: { ...draft.row, lock } }, replica));
  }

  /** The same without asking anybody: what moves was counted before. */
  settle(key: string, draft: Stored, replica?: string): ObjectVersion {
    const gone = this.replaced(key);
    if (gone) this.take(gone);
    const version = this.facts.versioning === "enabled" ? replica || this.#newId() : "null";
    const placed = { bytes: draft.bytes, row: { ...draft.row, bucket: this.facts.name, key, version } };
    this.#insert(key, placed);
    return { ...placed.row, latest: true };
  }

  /** A tombstone on top. `fresh`: with an id of its own even while versioning is suspended. */
  mark(key: string, at: UnixMs, fresh = false, replica?: string): ObjectVersion {
    const kept = fresh || this.facts.versioning === "enabled";
    const version = kept ? replica || this.#newId() : "null";
    const marker: Stored = { row: { ...tombstone(at), bucket: this.facts.name, key, version }, bytes: none };
    this.#insert(key, marker);
    return { ...marker.row, latest: true };
  }

  #insert(key: string, stored: Stored): void {
    const versions = this.#versions.get(key);
    if (versions) versions.unshift(stored);
    else {
      this.keys.splice(
        firstNot(this.keys, (other) => compareUtf8(other, key) < 0),
        0,
        key,
      );
      this.#versions.set(key, [stored]);
    }
    this.count({ bytes: stored.row.size, objects: stored.row.deleteMarker ? 0 : 1 });
  }

  /** Takes one version out for good. */
  take(stored: Stored): void {
    const { key, size, deleteMarker } = stored.row;
    const versions = this.#versions.get(key)!;
    versions.splice(versions.indexOf(stored), 1);
    this.count({ bytes: -size, objects: deleteMarker ? 0 : -1 });
    if (versions.length > 0) return;
    this.#versions.delete(key);
    this.keys.splice(
      firstNot(this.keys, (other) => compareUtf8(other, key) < 0),
      1,
    );
  }

  /** Other facts of the same version. */
  swap(stored: Stored, row: Stored["row"]): ObjectVersion {
    const versions = this.#versions.get(row.key)!;
    const better = { ...stored, row };
    versions[versions.indexOf(stored)] = better;
    return this.shown(better);
  }

  change(change: BucketChange): Result<Bucket> {
    const { facts } = this;
    const locked = facts.documents[lockDocument] !== undefined;
    const refusal = bucketChangeRefusal({ versioning: facts.versioning, locked }, change);
    if (refusal !== undefined) return fail("conflict", refusal, { where: facts.name });
    const documents: Record<string, string> = { ...facts.documents };
    for (const [document, text] of Object.entries(change.documents ?? {})) {
      if (text === null) delete documents[document];
      else documents[document] = text;
    }
    const { versioning = facts.versioning, quota = facts.quota } = change;
    this.facts = { ...facts, versioning, quota, documents };
    return ok(this.facts);
  }

  /** Changes the lock of a version. Faults: conflict, retained, invalid. */
  lock(stored: Stored, change: LockChange, at: UnixMs): Result<ObjectVersion> {
    if (this.facts.documents[lockDocument] === undefined) {
      return fail("conflict", "the bucket has no object lock", { where: this.facts.name });
    }
    const lock = changedLock(stored.row.lock, change, at);
    return lock.ok ? ok(this.swap(stored, { ...stored.row, lock: lock.value })) : lock;
  }

  count(delta: Usage): void {
    this.#usage = { bytes: this.#usage.bytes + delta.bytes, objects: this.#usage.objects + delta.objects };
  }
}

const none = new Uint8Array(0);

const tombstone = (at: UnixMs): Omit<ObjectVersion, "latest" | "bucket" | "key" | "version"> => ({
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  deleteMarker: true,
  size: 0,
  etag: "",
  digests: {},
  digestsOf: "object",
  parts: [],
  createdAt: at,
  lock: unlocked,
});
