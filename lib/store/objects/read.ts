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
  const found = room.snapshot(() => find(room, name, version));
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

type Got = Promise<Result<{ version: ObjectVersion; content: Content }>>;

export function getObject(room: Room, name: ObjectName, version?: string): Got {
  return getFound(room, name, () => find(room, name, version));
}

/** A version as a statement finds it. */
export type Found = Result<{ row: VersionRow; latest: boolean }>;

/** The version that `find` finds, and its body, as they belong together. */
export async function getFound(room: Room, name: ObjectName, find: () => Found): Got {
  for (let attempt = 1; ; attempt++) {
    const looked = room.snapshot(() => look(room, find));
    if (!looked.ok) return looked;
    const { row, latest, body } = looked.value;
    if (row.marker) return noObject(name.bucket, name.key);
    const content = body.ok && isLong(body.value) ? await openLong(room, find, body.value) : body;
    if (content.ok) {
      const shown = toVersion(row, name.bucket, latest);
      return ok({ version: shown, content: content.value as Content });
    }
    if (content.fault.code !== "not-found") return content;
    if (attempt === attempts) return damaged(`${name.bucket}/${name.key}`);
  }
}

interface Look {
  readonly row: VersionRow;
  readonly latest: boolean;
  readonly body: Result<Content | Long>;
}

function look(room: Room, find: () => Found): Result<Look> {
  const found = find();
  if (!found.ok) return found;
  return ok({ ...found.value, body: openBody(room, found.value.row.blob) });
}

/** A body of many pieces, not yet opened. */
interface Long {
  readonly id: number;
  readonly size: number;
  readonly slices: readonly BlobSlice[];
}

const isLong = (body: Content | Long): body is Long => "slices" in body;

/** The body of a version found before.
 *  Faults: not-found (replaced meanwhile, or lost), damaged, too-many, io. */
export async function openContent(room: Room, row: VersionRow): Promise<Result<Content>> {
  const body = room.snapshot(() => openBody(room, row.blob));
  if (!body.ok) return body;
  if (!isLong(body.value)) return ok(body.value);
  const again = (): Found => {
    const same = room.r.versions.aged(row.bucket, row.key, row.age);
    return same ? ok({ row: same, latest: false }) : gone;
  };
  return openLong(room, again, body.value);
}

/** Up to so many pieces are opened at once; more are opened one by one, under a hold. */
const openPieces = 8;

function openBody(room: Room, id: number | null): Result<Content | Long> {
  if (id === null) return ok(contentOfRow(new Uint8Array(0)));
  const blob = room.r.blobs.get(id);
  if (!blob) return gone;
  if (!blob.parts) return openSingle(room, blob);
  const slices = readSlices(blob.parts);
  return slices.length > openPieces ? ok({ id, size: blob.size, slices }) : openFew(room, blob.size, slices);
}

function openPiece(room: Room, slice: BlobSlice): Result<Content> {
  const row = room.r.blobs.get(slice.blob);
  return row ? openSingle(room, row) : gone;
}

function openFew(room: Room, size: number, slices: readonly BlobSlice[]): Result<Content> {
  const contents: Content[] = [];
  const closeAll = (): void => contents.forEach((content) => void content.close());
  for (const slice of slices) {
    const content = openPiece(room, slice);
    if (!content.ok) {
      closeAll();
      return content;
    }
    contents.push(content.value);
  }
  const pieces = contents.map((content) => ({ size: content.size, open: () => lent(content) }));
  return ok(contentOfPieces(pieces, size, closeAll));
}

/** The same content, closed by its owner alone. */
const lent = (content: Content): Content => ({ ...content, close: () => Promise.resolve() });

/** `find` once more, when it is held: it may have gone before. */
async function openLong(room: Room, find: () => Found, { id, size, slices }: Long): Promise<Result<Content>> {
  const held = await room.holds.take(id);
  if (!held.ok) return held;
  const pieces = slices.map((slice) => ({ size: slice.size, open: () => orThrow(openPiece(room, slice)) }));
  const again = room.snapshot(find);
  if (again.ok && again.value.row.blob === id) return ok(contentOfPieces(pieces, size, held.value));
  held.value();
  return gone;
}

function openSingle(room: Room, blob: BlobRow): Result<Content> {
  if (blob.damaged_at !== null) return damaged(`blob ${blob.id}`);
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
