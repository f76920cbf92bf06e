import { ok } from "../../base/result.ts";
import { findBucket } from "../catalog/bucket-table.ts";
import { toVersion, type VersionRow } from "../catalog/version-table.ts";
import type { ListAsk, ObjectName } from "../objects.ts";
import type { PastView } from "../time-travel.ts";
import { getFound, type Found } from "./read.ts";
import { noObject, noVersion, type Room } from "./room.ts";
import { walk, type KeyRows } from "./walk.ts";

/** A bucket as it was after the event `seq`. */
export function pastView(room: Room, bucketName: string, seq: number): PastView {
  const find = ({ bucket: name, key }: ObjectName, version?: string): Found => {
    if (name !== bucketName) return noObject(name, key);
    const bucket = findBucket(room.r.buckets, name);
    if (!bucket.ok) return bucket;
    const row = room.r.snapshots.one(bucket.value.id, seq, key);
    if (!row) return noObject(name, key);
    if (version !== undefined && version !== row.version) return noVersion(name, key);
    return ok({ row, latest: true });
  };
  return {
    head: async (name, version) => {
      const found = room.snapshot(() => find(name, version));
      return found.ok ? ok(toVersion(found.value.row, name.bucket, true)) : found;
    },
    get: (name, version, how) => getFound(room, name, () => find(name, version), how),
    list: async (ask) =>
      room.snapshot(() => {
        const bucket = findBucket(room.r.buckets, bucketName);
        if (!bucket.ok) return bucket;
        const { rows, prefixes, next } = walk<VersionRow>(ask, pastRows(room.r, bucket.value.id, seq));
        return ok({ objects: rows.map((row) => toVersion(row, ask.bucket, true)), prefixes, next });
      }),
  };
}

/** Keys as they were, for `walk`. */
export function pastRows({ snapshots }: Room["r"], bucket: number, seq: number): KeyRows<VersionRow> {
  return {
    range: (from, end, limit) => snapshots.range(bucket, seq, from, end, limit),
    after: (row, end, limit) => snapshots.range(bucket, seq, `${row.key}\0`, end, limit),
    shows: (row, before) => row.key !== before?.key && !row.marker,
  };
}

/** What a page of a walk over a whole prefix asks. */
export const pageOf = (bucket: string, prefix: string, after: string, limit: number): ListAsk => ({
  bucket,
  prefix,
  after,
  limit,
  delimiter: "",
});
