import { fail, ok, type Result } from "../../base/result.ts";
import { fits, type Usage } from "../../rules/quota.ts";
import { checkRetention, lockAtBirth, lockDocument } from "../../rules/retention.ts";
import { quotaOf, usageOf, type BucketRow } from "../catalog/bucket-table.ts";
import type { NewEvent } from "../catalog/event-table.ts";
import { conditionOf, lockColumns, lockOf, type VersionRow } from "../catalog/version-table.ts";
import type { Commit } from "../catalog/writer.ts";
import { checkCondition } from "../condition.ts";
import type { ChangeHow } from "../feed.ts";
import type { Condition, LockState } from "../objects.ts";
import type { Room, Telling } from "./room.ts";

/** A version about to become current. */
export interface Draft {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly facts: string | null;
  readonly lock: LockState;
  /** Makes or shares the body, once nothing stands against it. */
  blob(): number | null;
  /** Bytes already counted that go with it: the parts of an upload. */
  readonly spared?: number;
  /** As the change feed tells it. */
  readonly how?: ChangeHow | undefined;
}

/** In a job: makes `draft` the current version of its key.
 *  Faults: precondition, conflict, not-found (nothing to match), retained, quota. */
export function place(
  room: Room,
  commit: Commit,
  tell: Telling,
  bucket: BucketRow,
  draft: Draft,
  when: Condition | undefined,
): Result<VersionRow> {
  const { versions, buckets } = room.w;
  const current = versions.current(bucket.id, draft.key);
  const holds = checkCondition(when, conditionOf(current), "write");
  if (!holds.ok) return holds;
  const gone = replaced(room, bucket, draft.key, current);
  if (gone) {
    const free = checkRetention(lockOf(gone), tell.at);
    if (!free.ok) return free;
  }
  const delta = difference(draft, gone);
  const fit = fits(quotaOf(bucket), usageOf(bucket), delta, `the bucket ${bucket.name}`);
  if (!fit.ok) return fit;
  if (gone) takeOut(room, commit, bucket, gone);
  const version = versionFor(room, bucket, draft.key, when?.replica);
  if (version === undefined) return fail("conflict", "the version is there already", { where: draft.key });
  const { key, size, etag } = draft;
  const how = when?.replica === undefined ? (draft.how ?? "") : "replica";
  const lock = lockAtBirth(draft.lock, buckets.document(bucket.id, lockDocument), tell.at);
  const seq = tellOf(room, tell, bucket, {
    kind: "object.created",
    subject: key,
    version,
    size,
    etag,
    how,
  });
  const row: VersionRow = { ...fixed(bucket, { ...draft, lock }, version, seq, tell), blob: draft.blob() };
  versions.insert(row);
  buckets.use(bucket.id, delta);
  return ok(row);
}

/** The id of a new version: its source's for a replica, where versions are kept; undefined: it is taken. */
function versionFor(
  room: Room,
  bucket: BucketRow,
  key: string,
  replica: string | undefined,
): string | undefined {
  if (bucket.versioning !== "enabled") return "null";
  if (!replica || replica === "null") return room.newId();
  return room.w.versions.byId(bucket.id, key, replica) ? undefined : replica;
}

function fixed(bucket: BucketRow, draft: Draft, version: string, seq: number, tell: Telling) {
  const [lock_mode, lock_until, legal_hold] = lockColumns(draft.lock) as [
    VersionRow["lock_mode"],
    number | null,
    number,
  ];
  return {
    bucket: bucket.id,
    key: draft.key,
    age: -seq,
    version,
    versioned: bucket.versioning === "off" ? 0 : 1,
    marker: 0,
    size: draft.size,
    etag: draft.etag,
    created_at: tell.at,
    lock_mode,
    lock_until,
    legal_hold,
    facts: draft.facts,
  };
}

function difference(draft: Draft, gone: VersionRow | undefined): Usage {
  const lost = gone ? weight(gone) : { bytes: 0, objects: 0 };
  return { bytes: draft.size - (draft.spared ?? 0) - lost.bytes, objects: 1 - lost.objects };
}

export const weight = (row: VersionRow): Usage => ({ bytes: row.size, objects: row.marker ? 0 : 1 });

/** What a new version of `key` would replace: nothing where versions are kept. */
export function replaced(
  room: Room,
  bucket: BucketRow,
  key: string,
  current: VersionRow | undefined,
): VersionRow | undefined {
  if (bucket.versioning === "enabled" || !current) return undefined;
  return current.version === "null" ? current : room.w.versions.byId(bucket.id, key, "null");
}

/** Takes a version out and drops its body, unless a snapshot shows it: then it goes into history. To be
 *  followed by the event that tells of it. The usage is the caller's to count. */
export function takeOut(room: Room, commit: Commit, bucket: BucketRow, row: VersionRow): void {
  room.w.versions.remove(row);
  if (isShown(bucket, row)) room.w.snapshots.keep(row, room.w.events.newest() + 1);
  else if (row.blob !== null) dropBlob(room, commit, row.blob);
}

/** Whether it was there when the newest snapshot was made. */
export const isShown = (bucket: BucketRow, row: VersionRow): boolean =>
  bucket.snapshot_seq !== null && -row.age <= bucket.snapshot_seq;

/** One reference less; what nothing refers to any more is deleted after the commit. */
export function dropBlob(room: Room, commit: Commit, blob: number): void {
  const files = room.w.blobs.drop(blob);
  if (files.length > 0) commit.after(() => void room.reclaim(files));
}

/** Appends to the change feed. */
export function tellOf(
  room: Room,
  tell: Telling,
  bucket: BucketRow,
  event: Omit<NewEvent, "tenant" | "bucket">,
): number {
  return room.w.events.append(tell.at, tell.by, { ...event, tenant: bucket.tenant, bucket: bucket.name });
}

/** A tombstone on top. `fresh`: with an id of its own even while versioning is suspended. */
export function mark(
  room: Room,
  tell: Telling,
  bucket: BucketRow,
  key: string,
  fresh = false,
  replica?: string,
): VersionRow {
  const given = versionFor(room, bucket, key, replica);
  const version = fresh || bucket.versioning === "enabled" ? (given ?? room.newId()) : "null";
  const how = replica === undefined ? "" : "replica";
  const seq = tellOf(room, tell, bucket, { kind: "object.marked", subject: key, version, how });
  const lock: LockState = { mode: "none", until: undefined, legalHold: false };
  const draft: Draft = { key, size: 0, etag: "", facts: null, lock, blob: () => null };
  const row: VersionRow = {
    ...fixed(bucket, draft, version, seq, tell),
    blob: null,
    marker: 1,
    versioned: 1,
  };
  room.w.versions.insert(row);
  return row;
}

/** The version asked for, or the current one. */
export function pick(
  tables: Room["r"],
  bucket: BucketRow,
  key: string,
  version: string | undefined,
): Result<{ row: VersionRow; latest: boolean }> {
  const current = tables.versions.current(bucket.id, key);
  const row = version === undefined ? current : tables.versions.byId(bucket.id, key, version);
  if (row) return ok({ row, latest: row.age === current?.age });
  return fail("not-found", `there is no such ${version === undefined ? "object" : "version"}`, {
    where: `${bucket.name}/${key}`,
  });
}
