import { ok, type Result } from "../../base/result.ts";
import type { Actor } from "../../rules/identity.ts";
import { findBucket, type BucketRow } from "../catalog/bucket-table.ts";
import type { VersionRow } from "../catalog/version-table.ts";
import type { Commit } from "../catalog/writer.ts";
import type { Restored } from "../time-travel.ts";
import { unlocked } from "../../rules/retention.ts";
import { pageOf, pastRows } from "./past-view.ts";
import { place } from "./place.ts";
import type { Room, Telling } from "./room.ts";
import { walk } from "./walk.ts";
import { removeObject } from "./write.ts";

const pageRows = 500;

/** Gives the keys below `prefix` what they had after the event `seq`. */
export async function restorePrefix(
  room: Room,
  by: Actor,
  bucketName: string,
  prefix: string,
  seq: number,
): Promise<Result<Restored>> {
  let restored = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const from: string = after;
    const page = await room.writer.write((commit) =>
      putBack(
        room,
        commit,
        { by, at: room.clock.wall() },
        bucketName,
        pageOf(bucketName, prefix, from, pageRows),
        seq,
      ),
    );
    if (!page.ok) return page;
    restored += page.value.restored;
    after = page.value.next;
  }
  const removed = await removeLater(room, by, bucketName, prefix, seq);
  return removed.ok ? ok({ restored, removed: removed.value }) : removed;
}

function putBack(
  room: Room,
  commit: Commit,
  tell: Telling,
  bucketName: string,
  ask: ReturnType<typeof pageOf>,
  seq: number,
): Result<{ restored: number; next: string | undefined }> {
  const found = findBucket(room.w.buckets, bucketName);
  if (!found.ok) return found;
  const page = walk<VersionRow>(ask, pastRows(room.w, found.value.id, seq));
  let restored = 0;
  for (const row of page.rows) {
    const current = room.w.versions.current(found.value.id, row.key);
    if (current && current.age === row.age) continue;
    const bucket = findBucket(room.w.buckets, bucketName);
    const placed = bucket.ok ? putRow(room, commit, tell, bucket.value, row) : bucket;
    if (!placed.ok) return placed;
    restored++;
  }
  return ok({ restored, next: page.next });
}

function putRow(
  room: Room,
  commit: Commit,
  tell: Telling,
  bucket: BucketRow,
  row: VersionRow,
): Result<VersionRow> {
  const { key, size, etag, facts, blob } = row;
  if (blob !== null) room.w.blobs.share(blob); // before the row it may replace lets go
  const draft = { key, size, etag, facts, lock: unlocked, blob: () => blob };
  return place(room, commit, tell, bucket, draft, undefined);
}

/** Keys that are there now and were not then. */
async function removeLater(
  room: Room,
  by: Actor,
  bucketName: string,
  prefix: string,
  seq: number,
): Promise<Result<number>> {
  let removed = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const ask = pageOf(bucketName, prefix, after, pageRows);
    const page = room.snapshot(() => newKeys(room, bucketName, ask, seq));
    if (!page.ok) return page;
    for (const key of page.value.keys) {
      const gone = await removeObject(room, by, { bucket: bucketName, key }, undefined, undefined);
      if (!gone.ok) return gone;
      removed++;
    }
    after = page.value.next;
  }
  return ok(removed);
}

function newKeys(
  room: Room,
  bucketName: string,
  ask: ReturnType<typeof pageOf>,
  seq: number,
): Result<{ keys: string[]; next: string | undefined }> {
  const bucket = findBucket(room.r.buckets, bucketName);
  if (!bucket.ok) return bucket;
  const { id } = bucket.value;
  const { rows, next } = walk<VersionRow>(ask, {
    range: (from, end, limit) => room.r.versions.range(id, from, end, limit),
    after: (row, end, limit) => room.r.versions.range(id, `${row.key}\0`, end, limit),
    shows: (row, before) => row.key !== before?.key && !row.marker,
  });
  const wasThere = (key: string): boolean => {
    const row = room.r.snapshots.one(id, seq, key);
    return row !== undefined && !row.marker;
  };
  return ok({ keys: rows.map(({ key }) => key).filter((key) => !wasThere(key)), next });
}
