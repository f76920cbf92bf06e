import { fail, ok, type Result } from "../../base/result.ts";
import { isBucketName } from "../../rules/bucket-name.ts";
import type { Actor } from "../../rules/identity.ts";
import type { Usage } from "../../rules/quota.ts";
import { bucketChangeRefusal, lockDocument } from "../../rules/retention.ts";
import { findBucket, toBucket, usageOf } from "../catalog/bucket-table.ts";
import type { Page } from "../content.ts";
import type { Bucket, BucketChange, NewBucket } from "../objects.ts";
import { tellOf } from "./place.ts";
import type { Room } from "./room.ts";

export function createBucket(room: Room, by: Actor, ask: NewBucket): Promise<Result<Bucket>> {
  const { name, tenant, owner, versioning = "off", quota = {} } = ask;
  if (!isBucketName(name)) {
    return Promise.resolve(fail("bad-name", "this cannot be a bucket's name", { where: name }));
  }
  const tell = { by, at: room.clock.wall() };
  return room.writer.write(() => {
    const { buckets } = room.w;
    const there = buckets.named(name);
    if (there) return fail("exists", "the bucket exists already", { where: there.owner });
    buckets.insert({ name, tenant, owner, versioning, quota, createdAt: tell.at });
    const row = buckets.named(name)!;
    tellOf(room, tell, row, { kind: "bucket.created", subject: name });
    return ok(toBucket(buckets, row));
  });
}

export function bucketNamed(room: Room, name: string): Result<Bucket> {
  const row = findBucket(room.r.buckets, name);
  return row.ok ? ok(toBucket(room.r.buckets, row.value)) : row;
}

export function bucketPage(room: Room, tenant: string, after: string, limit: number): Page<Bucket> {
  const found = room.r.buckets.page(tenant, after, limit + 1);
  const rows = found.slice(0, limit).map((row) => toBucket(room.r.buckets, row));
  return { rows, next: found.length > limit ? rows.at(-1)?.name : undefined };
}

export function changeBucket(
  room: Room,
  by: Actor,
  name: string,
  change: BucketChange,
): Promise<Result<Bucket>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write(() => {
    const { buckets } = room.w;
    const row = findBucket(buckets, name);
    if (!row.ok) return row;
    const locked = buckets.document(row.value.id, lockDocument) !== undefined;
    const refusal = bucketChangeRefusal({ versioning: row.value.versioning, locked }, change);
    if (refusal !== undefined) return fail("conflict", refusal, { where: name });
    buckets.change(row.value.id, change);
    tellOf(room, tell, row.value, { kind: "bucket.changed", subject: name });
    return ok(toBucket(buckets, buckets.named(name)!));
  });
}

export function deleteBucket(room: Room, by: Actor, name: string): Promise<Result<void>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write(() => {
    const { buckets, versions, uploads } = room.w;
    const row = findBucket(buckets, name);
    if (!row.ok) return row;
    if (row.value.snapshot_seq !== null) {
      return fail("not-empty", "the bucket has snapshots", { where: name, mend: "remove them first" });
    }
    if (versions.any(row.value.id) || uploads.any(row.value.id)) {
      return fail("not-empty", "the bucket is not empty", { where: name });
    }
    buckets.remove(row.value.id);
    tellOf(room, tell, row.value, { kind: "bucket.removed", subject: name });
    return ok();
  });
}

export function bucketUsage(room: Room, name: string): Result<Usage> {
  const row = findBucket(room.r.buckets, name);
  return row.ok ? ok(usageOf(row.value)) : row;
}
