import { ok, type Result } from "../../base/result.ts";
import { findBucket } from "../catalog/bucket-table.ts";
import { toUpload, type UploadRow } from "../catalog/upload-table.ts";
import { toVersion, type VersionRow } from "../catalog/version-table.ts";
import type { ListAsk, Listing, UploadListing, VersionListing, VersionsAsk } from "../objects.ts";
import type { Room } from "./room.ts";
import { walk } from "./walk.ts";

export function listObjects(room: Room, ask: ListAsk): Result<Listing> {
  const bucket = findBucket(room.r.buckets, ask.bucket);
  if (!bucket.ok) return bucket;
  const { id } = bucket.value;
  const { versions } = room.r;
  const { rows, prefixes, next } = walk<VersionRow>(ask, {
    range: (from, end, limit) => versions.range(id, from, end, limit),
    after: (row, end, limit) => versions.range(id, `${row.key}\0`, end, limit),
    shows: (row, before) => row.key !== before?.key && !row.marker,
  });
  return ok({ objects: rows.map((row) => toVersion(row, ask.bucket, true)), prefixes, next });
}

export function listVersions(room: Room, ask: VersionsAsk): Result<VersionListing> {
  const bucket = findBucket(room.r.buckets, ask.bucket);
  if (!bucket.ok) return bucket;
  const { id } = bucket.value;
  const { versions } = room.r;
  const mark = versionMark(room, id, ask);
  const { rows, prefixes, next } = walk<VersionRow>(
    ask,
    {
      range: (from, end, limit) => versions.range(id, from, end, limit),
      after: (row, end, limit) => versions.after(row, end, limit),
      shows: () => true,
    },
    mark,
  );
  let before = mark && mark.age !== newest ? mark.key : undefined;
  const shown = rows.map((row) => {
    const latest = row.key !== before;
    before = row.key;
    return toVersion(row, ask.bucket, latest);
  });
  if (next === undefined) return ok({ versions: shown, prefixes, next });
  const last = shown.at(-1);
  return ok({
    versions: shown,
    prefixes,
    next: { key: next, version: last?.key === next ? last.version : "" },
  });
}

/** Before every row of its key. */
const newest = Number.MIN_SAFE_INTEGER;

/** The row a page of versions ended at. Is it gone meanwhile, its key is told again from the newest. */
function versionMark(room: Room, bucket: number, ask: VersionsAsk): VersionRow | undefined {
  if (ask.afterVersion === "") return undefined;
  const row = room.r.versions.byId(bucket, ask.after, ask.afterVersion);
  return row ?? ({ bucket, key: ask.after, age: newest } as VersionRow);
}

export function listUploads(room: Room, ask: ListAsk & { readonly afterId: string }): Result<UploadListing> {
  const bucket = findBucket(room.r.buckets, ask.bucket);
  if (!bucket.ok) return bucket;
  const { id } = bucket.value;
  const { uploads } = room.r;
  const mark =
    ask.afterId === "" ? undefined : ({ bucket: id, key: ask.after, id: ask.afterId } as UploadRow);
  const { rows, prefixes, next } = walk<UploadRow>(
    ask,
    {
      range: (from, end, limit) => uploads.range(id, from, end, limit),
      after: (row, end, limit) => uploads.after(row, end, limit),
      shows: () => true,
    },
    mark,
  );
  const shown = rows.map((row) => toUpload(row, ask.bucket));
  if (next === undefined) return ok({ uploads: shown, prefixes, next });
  const last = shown.at(-1);
  return ok({ uploads: shown, prefixes, next: { key: next, id: last?.key === next ? last.id : "" } });
}
