import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import type { Actor } from "../../rules/identity.ts";
import { findBucket, type BucketRow } from "../catalog/bucket-table.ts";
import type { SnapshotRow } from "../catalog/snapshot-table.ts";
import type { Moment, Snapshot, TimeTravel } from "../time-travel.ts";
import { pastView } from "./past-view.ts";
import { dropBlob, tellOf } from "./place.ts";
import { restorePrefix } from "./restore-prefix.ts";
import type { Room } from "./room.ts";

const snapshotName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const noSnapshot = (name: string): Result<never> =>
  fail("not-found", "there is no such snapshot", { where: name });

/** Runs what changes many names, with those who remember some told of it. */
export type Announced = <T>(change: () => Promise<T>) => Promise<T>;

/** Time travel over the catalog's versions, its history and its feed. */
export function sqliteTimeTravel(room: Room, announced: Announced): TimeTravel {
  return {
    snapshots: async (bucket) => {
      const row = findBucket(room.r.buckets, bucket);
      return row.ok ? ok(room.r.snapshots.all(row.value.id).map((one) => toSnapshot(one, bucket))) : row;
    },
    makeSnapshot: (by, bucket, name) => makeSnapshot(room, by, bucket, name),
    removeSnapshot: (by, bucket, name) => removeSnapshot(room, by, bucket, name),
    past: async (bucket, moment) => {
      const seq = seqOf(room, bucket, moment);
      return seq.ok ? ok(pastView(room, bucket, seq.value)) : seq;
    },
    restore: async (by, bucket, prefix, moment) => {
      const seq = seqOf(room, bucket, moment);
      return seq.ok ? announced(() => restorePrefix(room, by, bucket, prefix, seq.value)) : seq;
    },
  };
}

function makeSnapshot(room: Room, by: Actor, bucketName: string, name: string): Promise<Result<Snapshot>> {
  if (!snapshotName.test(name)) {
    return Promise.resolve(fail("bad-name", "a snapshot's name has 1 to 64 letters, digits and . _ -"));
  }
  const at = room.clock.wall();
  return room.writer.write((): Result<Snapshot> => {
    const bucket = findBucket(room.w.buckets, bucketName);
    if (!bucket.ok) return bucket;
    const { id } = bucket.value;
    if (room.w.snapshots.get(id, name)) return fail("exists", "the snapshot exists already", { where: name });
    const seq = tellOf(room, { by, at }, bucket.value, { kind: "bucket.changed", subject: bucketName });
    const row = { bucket: id, name, seq, at };
    room.w.snapshots.add(row);
    room.w.buckets.forget();
    return ok(toSnapshot(row, bucketName));
  });
}

const sweepRows = 500;

async function removeSnapshot(
  room: Room,
  by: Actor,
  bucketName: string,
  name: string,
): Promise<Result<void>> {
  const at = room.clock.wall();
  const removed = await room.writer.write((): Result<BucketRow> => {
    const bucket = findBucket(room.w.buckets, bucketName);
    if (!bucket.ok) return bucket;
    if (!room.w.snapshots.get(bucket.value.id, name)) return noSnapshot(name);
    tellOf(room, { by, at }, bucket.value, { kind: "bucket.changed", subject: bucketName });
    room.w.snapshots.remove(bucket.value.id, name);
    room.w.buckets.forget();
    return bucket;
  });
  if (!removed.ok) return removed;
  for (;;) {
    const swept = await sweep(room, removed.value.id);
    if (!swept.ok) return swept;
    if (swept.value < sweepRows) return ok();
  }
}

/** Deletes what no snapshot shows any more, some rows a transaction. */
function sweep(room: Room, bucket: number): Promise<Result<number>> {
  return room.writer.write((commit) => {
    const rows = room.w.snapshots.unseen(bucket, sweepRows);
    for (const { key, age, blob } of rows) {
      room.w.snapshots.forget(bucket, key, age);
      if (blob !== null) dropBlob(room, commit, blob);
    }
    return ok(rows.length);
  });
}

/** The last event of a moment. */
function seqOf(room: Room, bucketName: string, moment: Moment): Result<number> {
  const bucket = findBucket(room.r.buckets, bucketName);
  if (!bucket.ok) return bucket;
  if ("at" in moment) return ok(room.r.events.lastBefore(moment.at));
  const row = room.r.snapshots.get(bucket.value.id, moment.snapshot);
  return row ? ok(row.seq) : noSnapshot(moment.snapshot);
}

const toSnapshot = (row: SnapshotRow, bucket: string): Snapshot => ({
  bucket,
  name: row.name,
  at: asUnixMs(row.at),
});
