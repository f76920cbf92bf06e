import { hex, equalBytes } from "../../base/bytes.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Actor } from "../../rules/identity.ts";
import {
  changedLock,
  checkRetention,
  lockDocument,
  unlocked,
  type LockChange,
} from "../../rules/retention.ts";
import { inlineBytes } from "../blobs/blob-files.ts";
import { findBucket } from "../catalog/bucket-table.ts";
import { readSaid, writeSaid, type Said } from "../catalog/facts-text.ts";
import { conditionOf, lockOf, toVersion } from "../catalog/version-table.ts";
import { checkCondition } from "../condition.ts";
import type { DigestName, Digests, Source } from "../content.ts";
import type { ChangeHow } from "../feed.ts";
import { replicationStatus } from "../objects.ts";
import type {
  NewObject,
  ObjectFacts,
  ObjectName,
  Objects,
  ObjectVersion,
  RemoveCondition,
  Removed,
} from "../objects.ts";
import { receiveBody, settled } from "./bodies.ts";
import { asItCame, planForm } from "./forms.ts";
import { mark, pick, place, replaced, takeOut, tellOf, weight } from "./place.ts";
import { checkKey, noObject, type Room } from "./room.ts";

/** The digests that are kept: those asked for; MD5 is the ETag. */
export const keptDigests = (all: Digests, names: readonly DigestName[]): Digests =>
  Object.fromEntries(names.map((name) => [name, all[name]!]));

/** Refuses early what the commit would refuse. */
export function checkTarget(room: Room, name: ObjectName): Result<void> {
  const key = checkKey(name.key);
  if (!key.ok) return key;
  const bucket = findBucket(room.r.buckets, name.bucket);
  return bucket.ok ? ok() : bucket;
}

export async function putObject(
  room: Room,
  by: Actor,
  name: ObjectName,
  body: Source,
  put: NewObject,
): Promise<Result<ObjectVersion>> {
  // What is small is refused by the commit soon enough.
  const isSmall = body.size !== undefined && body.size <= inlineBytes;
  const target = isSmall ? checkKey(name.key) : checkTarget(room, name);
  if (!target.ok) return target;
  const { contentType, headers } = put;
  const planning = planForm(room, { ...name, contentType, headers }, put.encryption);
  const planned = planning ? await planning : ok(asItCame);
  if (!planned.ok) return planned;
  const received = await receiveBody(room, body, put.digests, put.expect, planned.value);
  if (!received.ok) return received;
  const { arrived, encryption } = received.value;
  const { size, digests } = arrived;
  const kept = keptDigests(digests, put.digests);
  const said: Said = { ...factsOf(put), digests: kept, digestsOf: "object", parts: [], encryption };
  const facts = writeSaid(said);
  const etag = hex(digests.md5!);
  const { key } = name;
  const tell = { by, at: room.clock.wall() };
  return settled(received.value, () =>
    room.writer.write((commit) => {
      const bucket = findBucket(room.w.buckets, name.bucket);
      if (!bucket.ok) return bucket;
      const draft = {
        key,
        size,
        etag,
        facts,
        lock: put.lock ?? unlocked,
        how: put.how,
        blob: () => received.value.refer(),
      };
      const row = place(room, commit, tell, bucket.value, draft, put.when);
      return row.ok ? ok(toVersion(row.value, name.bucket, true, said)) : row;
    }),
  );
}

export const factsOf = (from: ObjectFacts): ObjectFacts => ({
  contentType: from.contentType,
  headers: from.headers,
  metadata: from.metadata,
  tags: from.tags,
  modifiedAt: from.modifiedAt,
});

export function removeObject(
  room: Room,
  by: Actor,
  { bucket: bucketName, key }: ObjectName,
  version: string | undefined,
  when: RemoveCondition | undefined,
): Promise<Result<Removed>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write((commit): Result<Removed> => {
    const found = findBucket(room.w.buckets, bucketName);
    if (!found.ok) return found;
    const bucket = found.value;
    const { versions, buckets } = room.w;
    if (when?.replica && versions.byId(bucket.id, key, when.replica)) {
      return ok({ version: when.replica, deleteMarker: true });
    }
    const current = versions.current(bucket.id, key);
    const holds = checkCondition(when, conditionOf(current), "remove");
    if (!holds.ok) return holds;
    const gone =
      version === undefined ? replaced(room, bucket, key, current) : versions.byId(bucket.id, key, version);
    if (gone) {
      const free = checkRetention(lockOf(gone), tell.at, when?.bypassGovernance);
      if (!free.ok) return free;
      takeOut(room, commit, bucket, gone);
      const { bytes, objects } = weight(gone);
      buckets.use(bucket.id, { bytes: -bytes, objects: -objects });
    }
    if (version === undefined && bucket.versioning !== "off") {
      const made = mark(room, tell, bucket, key, false, when?.replica);
      return ok({ version: made.version, deleteMarker: true });
    }
    if (!gone) return ok({ version: undefined, deleteMarker: false });
    const { size, etag, marker } = gone;
    tellOf(room, tell, bucket, { kind: "object.removed", subject: key, version: gone.version, size, etag });
    return ok({ version: gone.version, deleteMarker: marker === 1 });
  });
}

export function describeObject(
  room: Room,
  by: Actor,
  { bucket: bucketName, key }: ObjectName,
  version: string | undefined,
  change: Parameters<Objects["describe"]>[3],
): Promise<Result<ObjectVersion>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write(() => {
    const bucket = findBucket(room.w.buckets, bucketName);
    if (!bucket.ok) return bucket;
    const found = pick(room.w, bucket.value, key, version);
    if (!found.ok) return found;
    const { row, latest } = found.value;
    if (row.marker) return noObject(bucketName, key);
    const { replication, ...facts } = change;
    const said = { ...readSaid(row.facts), ...facts };
    const headers = replication ? { ...said.headers, [replicationStatus]: replication } : said.headers;
    const text = writeSaid({ ...said, headers });
    room.w.versions.describe(row, text);
    const { size, etag } = row;
    const event = { kind: "object.described", subject: key, version: row.version, size, etag } as const;
    tellOf(room, tell, bucket.value, { ...event, how: howDescribed(change) });
    return ok(toVersion({ ...row, facts: text }, bucketName, latest));
  });
}

/** What of an object was described anew, as the change feed tells it. */
export function howDescribed(facts: Parameters<Objects["describe"]>[3]): ChangeHow {
  if (facts.replication) return "status";
  if (facts.tags) return Object.keys(facts.tags).length > 0 ? "tags" : "untag";
  return facts.headers ? "acl" : "";
}

export function setLock(
  room: Room,
  by: Actor,
  { bucket: bucketName, key }: ObjectName,
  version: string | undefined,
  change: LockChange,
): Promise<Result<ObjectVersion>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write(() => {
    const bucket = findBucket(room.w.buckets, bucketName);
    if (!bucket.ok) return bucket;
    if (room.w.buckets.document(bucket.value.id, lockDocument) === undefined) return noLock(bucketName);
    const found = pick(room.w, bucket.value, key, version);
    if (!found.ok) return found;
    const { row, latest } = found.value;
    if (row.marker) return noObject(bucketName, key);
    const lock = changedLock(lockOf(row), change, tell.at);
    if (!lock.ok) return lock;
    room.w.versions.lock(row, lock.value);
    const { size, etag } = row;
    const event = { kind: "object.described", subject: key, version: row.version, size, etag } as const;
    tellOf(room, tell, bucket.value, { ...event, how: "lock" });
    return ok({ ...toVersion(row, bucketName, latest), lock: lock.value });
  });
}

const noLock = (bucket: string): Result<never> =>
  fail("conflict", "the bucket has no object lock", { where: bucket });

/** Whether every listed digest is the same as the kept one. */
export const sameDigests = (listed: Digests, kept: Digests): boolean =>
  Object.entries(listed).every(([name, bytes]) => {
    const mine = kept[name as DigestName];
    return mine !== undefined && equalBytes(mine, bytes);
  });
