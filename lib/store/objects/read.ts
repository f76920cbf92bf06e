import { crc32 } from "node:zlib";
import { fail, ok, type Result } from "../../base/result.ts";
import { contentOfFile, contentOfPieces, contentOfRow } from "../blobs/content-of.ts";
import { blobPath, codeOf, fileFault } from "../blobs/file-ops.ts";
import { readSlices, type BlobRow } from "../catalog/blob-table.ts";
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

export function getObject(
  room: Room,
  name: ObjectName,
  version?: string,
): Result<{ version: ObjectVersion; content: Content }> {
  for (let attempt = 1; ; attempt++) {
    const found = find(room, name, version);
    if (!found.ok) return found;
    const { row, latest } = found.value;
    if (row.marker) return noObject(name.bucket, name.key);
    const content = openContent(room, row);
    if (content.ok) return ok({ version: toVersion(row, name.bucket, latest), content: content.value });
    if (content.fault.code !== "not-found" || attempt === attempts) {
      return content.fault.code === "not-found" ? damaged(`${name.bucket}/${name.key}`) : content;
    }
  }
}

/** Faults: not-found (replaced meanwhile, or lost), damaged, too-many, io. */
export function openContent(room: Room, row: Pick<VersionRow, "blob">): Result<Content> {
  if (row.blob === null) return ok(contentOfRow(new Uint8Array(0)));
  return openBlob(room, row.blob);
}

export function openBlob(room: Room, id: number): Result<Content> {
  const blob = room.r.blobs.get(id);
  if (!blob) return fail("not-found", "the body is gone");
  if (blob.body) return inlineContent(blob, blob.body);
  if (blob.file !== null) return fileContent(room, blob, blob.file);
  const pieces = readSlices(blob.parts!).map(({ blob: part, size }) => ({
    size,
    open: () => orThrow(openBlob(room, part)),
  }));
  return ok(contentOfPieces(pieces, blob.size));
}

function inlineContent(blob: BlobRow, body: Uint8Array): Result<Content> {
  if (body.length !== blob.size || crc32(body) !== blob.check32) return damaged(`blob ${blob.id}`);
  return ok(contentOfRow(body));
}

function fileContent(room: Room, blob: BlobRow, file: string): Result<Content> {
  const path = blobPath(room.blobs.folder, file);
  try {
    return ok(contentOfFile(room.blobs.files.openRead(path), blob.size, path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return fail("not-found", "the body's file is gone");
    return { ok: false, fault: fileFault(error) };
  }
}

const damaged = (where: string): Result<never> =>
  fail("damaged", "what is stored no longer matches its checksum", { where });

function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.fault.what);
}
