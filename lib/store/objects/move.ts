import { fail, ok, type Result } from "../../base/result.ts";
import type { Actor } from "../../rules/identity.ts";
import { checkRetention } from "../../rules/retention.ts";
import { findBucket, type BucketRow } from "../catalog/bucket-table.ts";
import { past } from "../catalog/order.ts";
import { lockOf, type VersionRow } from "../catalog/version-table.ts";
import type { Commit } from "../catalog/writer.ts";
import type { MoveHow } from "../objects.ts";
import { isShown, mark, replaced, takeOut, tellOf, weight } from "./place.ts";
import { checkKey, type Room, type Telling } from "./room.ts";

interface Step {
  readonly row: VersionRow;
  readonly to: string;
  readonly gone: VersionRow | undefined;
}

/** Moves current versions to other keys, all or none. Older versions stay under their old names, below a
 *  delete marker. Faults: not-found, exists, retained, bad-name, invalid (a folder into itself). */
export function moveObjects(
  room: Room,
  by: Actor,
  bucketName: string,
  from: string,
  to: string,
  how: MoveHow,
): Promise<Result<void>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write((commit) => {
    const found = findBucket(room.w.buckets, bucketName);
    if (!found.ok) return found;
    const bucket = found.value;
    const key = checkKey(to);
    if (!key.ok) return key;
    const moving = how.folder ? [...liveKeys(room, bucket, from)] : live(room, bucket, from);
    if (moving.length === 0) return fail("not-found", "there is nothing to move", { where: from });
    if (from === to) return ok();
    if (how.folder && to.startsWith(from)) return fail("invalid", "a folder cannot move into itself");
    if (isTaken(room, bucket, to, how)) return fail("exists", "the name is taken", { where: to });
    const steps = stepsOf(room, tell, bucket, moving, from, to);
    if (!steps.ok) return steps;
    for (const step of steps.value) perform(room, commit, tell, bucket, step);
    return ok();
  });
}

function live(room: Room, bucket: BucketRow, key: string): VersionRow[] {
  const row = room.w.versions.current(bucket.id, key);
  return row && !row.marker ? [row] : [];
}

const chunkRows = 500;

/** Current versions, no markers, of every key that begins with `prefix`. */
function* liveKeys(room: Room, bucket: BucketRow, prefix: string): Generator<VersionRow> {
  const end = past(prefix);
  for (let from: string | undefined = prefix, seen: string | undefined; from !== undefined;) {
    const rows: VersionRow[] = room.w.versions.range(bucket.id, from, end, chunkRows);
    for (const row of rows) {
      if (row.key === seen) continue;
      seen = row.key;
      if (!row.marker) yield row;
    }
    from = rows.length < chunkRows ? undefined : `${rows.at(-1)!.key}\0`;
  }
}

function isTaken(room: Room, bucket: BucketRow, to: string, how: MoveHow): boolean {
  if (!how.folder) return !how.replace && live(room, bucket, to).length > 0;
  for (const row of liveKeys(room, bucket, to)) if (row.key !== to || !how.replace) return true;
  return false;
}

/** Everything that stands against it, looked at before the first step. */
function stepsOf(
  room: Room,
  tell: Telling,
  bucket: BucketRow,
  moving: readonly VersionRow[],
  from: string,
  to: string,
): Result<Step[]> {
  const steps: Step[] = [];
  for (const row of moving) {
    const key = to + row.key.slice(from.length);
    const name = checkKey(key);
    if (!name.ok) return name;
    const gone = replaced(room, bucket, key, room.w.versions.current(bucket.id, key));
    for (const held of gone ? [row, gone] : [row]) {
      const free = checkRetention(lockOf(held), tell.at);
      if (!free.ok) return free;
    }
    steps.push({ row, to: key, gone });
  }
  return ok(steps);
}

function perform(room: Room, commit: Commit, tell: Telling, bucket: BucketRow, step: Step): void {
  const { row, to, gone } = step;
  const { versions, buckets } = room.w;
  if (gone) {
    takeOut(room, commit, bucket, gone);
    const { bytes, objects } = weight(gone);
    buckets.use(bucket.id, { bytes: -bytes, objects: -objects });
  }
  versions.remove(row);
  if (isShown(bucket, row)) {
    room.w.snapshots.keep(row, room.w.events.newest() + 1);
    if (row.blob !== null) room.w.blobs.share(row.blob);
  }
  if (versions.current(bucket.id, row.key)) mark(room, tell, bucket, row.key, true);
  const version = bucket.versioning === "enabled" ? room.newId() : "null";
  const { size, etag } = row;
  const event = { kind: "object.moved", subject: to, version, size, etag, from: row.key } as const;
  const seq = tellOf(room, tell, bucket, event);
  const versioned = bucket.versioning === "off" ? 0 : 1;
  versions.insert({ ...row, key: to, age: -seq, version, versioned });
}
