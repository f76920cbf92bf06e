import { crc32 } from "node:zlib";
import { fail, ok, type Result } from "../../base/result.ts";
import { contentOfFile, contentOfPieces, contentOfRow } from "../blobs/content-of.ts";
import { blobPath, codeOf, fileFault } from "../blobs/file-ops.ts";
import { readSlices, type BlobRow, type BlobSlice } from "../catalog/blob-table.ts";
import { findBucket } from "../catalog/bucket-table.ts";
import { toVersion, type VersionRow } from "../catalog/version-table.ts";
import type { Content } from "../content.ts";
import type { ObjectName, ObjectVersion } from "../objects.ts";
import { pick } from "./place.ts";
import { noObject, type Room } from "./room.ts";

export function headObject(room: Room, name: ObjectName, version?: string): Result<ObjectVersion> {
  const found = find(room, name, version);
  return found.ok ? ok(toVersion(found.value.row, name.bucket, found.value.latest)) : found;
}

function find(
  room: Room,
  { bucket: bucketName, key }: ObjectName,
  version: string | undefined,
): Result<{ row: VersionRow; latest: boolean }> {
  const bucket = findBucket(room.r.buckets, bucketName);
  return bucket.ok ? pick(room.r, bucket.value, key, version) : bucket;
}

/** How often a name may change between finding its body and opening it. */
const attempts = 5;

export async function getObject(
  room: Room,
  name: ObjectName,
  version?: string,
): Promise<Result<{ version: ObjectVersion; content: Content }>> {
  for (let attempt = 1; ; attempt++) {
    const found = find(room, name, version);
    if (!found.ok) return found;
    const { row, latest } = found.value;
    if (row.marker) return noObject(name.bucket, name.key);
    const content = await openContent(room, row);
    if (content.ok) return ok({ version: toVersion(row, name.bucket, latest), content: content.value });
    if (content.fault.code !== "not-found") return content;
    if (attempt === attempts) return damaged(`${name.bucket}/${name.key}`);
  }
}

/** Faults: not-found (replaced meanwhile, or lost), damaged, too-many, io. */
export async function openContent(room: Room, row: Pick<VersionRow, "blob">): Promise<Result<Content>> {
  if (row.blob === null) return ok(contentOfRow(new Uint8Array(0)));
  const blob = room.r.blobs.get(row.blob);
  if (!blob) return gone;
  return blob.parts ? openJoined(room, blob, readSlices(blob.parts)) : openSingle(room, blob);
}

/** Up to so many pieces are opened at once; more are opened one by one, under a hold. */
const openPieces = 8;

async function openJoined(room: Room, blob: BlobRow, slices: readonly BlobSlice[]): Promise<Result<Content>> {
  const open = (slice: BlobSlice): Result<Content> => {
    const row = room.r.blobs.get(slice.blob);
    return row ? openSingle(room, row) : gone;
  };
  if (slices.length > openPieces) {
    const held = await room.holds.take(blob.id);
    if (!held.ok) return held;
    const pieces = slices.map((slice) => ({ size: slice.size, open: () => orThrow(open(slice)) }));
    if (room.r.blobs.get(blob.id)) return ok(contentOfPieces(pieces, blob.size, held.value));
    held.value();
    return gone;
  }
  const contents: Content[] = [];
  const closeAll = (): void => contents.forEach((content) => void content.close());
  for (const slice of slices) {
    const content = open(slice);
    if (!content.ok) {
      closeAll();
      return content;
    }
    contents.push(content.value);
  }
  const pieces = contents.map((content) => ({ size: content.size, open: () => lent(content) }));
  return ok(contentOfPieces(pieces, blob.size, closeAll));
}

/** The same content, closed by its owner alone. */
const lent = (content: Content): Content => ({ ...content, close: () => Promise.resolve() });

function openSingle(room: Room, blob: BlobRow): Result<Content> {
  return blob.body ? inlineContent(blob, blob.body) : fileContent(room, blob, blob.file!);
}

const gone: Result<never> = fail("not-found", "the body is gone");

function inlineContent(blob: BlobRow, body: Uint8Array): Result<Content> {
  if (body.length !== blob.size || crc32(body) !== blob.check32) return damaged(`blob ${blob.id}`);
  return ok(contentOfRow(body));
}

function fileContent(room: Room, blob: BlobRow, file: string): Result<Content> {
  const path = blobPath(room.blobs.folder, file);
  try {
    return ok(contentOfFile(room.blobs.files.openRead(path), blob.size, path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return gone;
    return { ok: false, fault: fileFault(error) };
  }
}

const damaged = (where: string): Result<never> =>
  fail("damaged", "what is stored no longer matches its checksum", { where });

function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.fault.what);
}
