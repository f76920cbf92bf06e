import { crc32 } from "node:zlib";
import { fail, ok, type Result } from "../../base/result.ts";
import { contentOfFile, contentOfPieces, contentOfRow } from "../blobs/content-of.ts";
import { blobPath, codeOf, fileFault } from "../blobs/file-ops.ts";
import { readSlices, type BlobRow, type BlobSlice } from "../catalog/blob-table.ts";
import { findBucket } from "../catalog/bucket-table.ts";
import { toVersion, type VersionRow } from "../catalog/version-table.ts";
import type { Content } from "../content.ts";
import type { ObjectName, ObjectVersion, Reading } from "../objects.ts";
import { customerRefusal } from "../../rules/encryption.ts";
import { pick } from "./place.ts";
import { noObject, type Room } from "./room.ts";
import { isShaped, opened, shapedContent } from "./shaped-content.ts";

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

export function getObject(room: Room, name: ObjectName, version?: string, how?: Reading): Got {
  return getFound(room, name, () => find(room, name, version), how);
}

/** A version as a statement finds it. */
export type Found = Result<{ row: VersionRow; latest: boolean }>;

/** The version that `find` finds, and its body, as they belong together. */
export async function getFound(room: Room, name: ObjectName, find: () => Found, how?: Reading): Got {
  for (let attempt = 1; ; attempt++) {
    const looked = room.snapshot(() => look(room, find, how));
    if (!looked.ok) return looked;
    const { row, latest, body } = looked.value;
    if (row.marker) return noObject(name.bucket, name.key);
    const found = body.ok && isLong(body.value) ? await openLong(room, find, body.value, how) : body;
    if (found.ok) return answerOf(found.value as Content, toVersion(row, name.bucket, latest), how);
    const content = found;
    if (content.fault.code !== "not-found") return content;
    if (attempt === attempts) return damaged(`${name.bucket}/${name.key}`);
  }
}

async function answerOf(content: Content, version: ObjectVersion, how: Reading | undefined): Got {
  const refusal = customerRefusal(version.encryption, how?.customerKey);
  if (refusal) {
    await content.close();
    return { ok: false, fault: refusal };
  }
  if (!isShaped(content)) return ok({ version, content });
  const plain = await opened(content);
  return plain.ok ? ok({ version, content: plain.value }) : plain;
}

interface Look {
  readonly row: VersionRow;
  readonly latest: boolean;
  readonly body: Result<Content | Long>;
}

function look(room: Room, find: () => Found, how: Reading | undefined): Result<Look> {
  const found = find();
  if (!found.ok) return found;
  return ok({ ...found.value, body: openBody(room, found.value.row.blob, how) });
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
export async function openContent(room: Room, row: VersionRow, how?: Reading): Promise<Result<Content>> {
  const body = room.snapshot(() => openBody(room, row.blob, how));
  if (!body.ok) return body;
  if (!isLong(body.value)) return opened(body.value);
  const again = (): Found => {
    const same = room.r.versions.aged(row.bucket, row.key, row.age);
    return same ? ok({ row: same, latest: false }) : gone;
  };
  const content = await openLong(room, again, body.value, how);
  return content.ok ? opened(content.value) : content;
}

/** Up to so many pieces are opened at once; more are opened one by one, under a hold. */
const openPieces = 8;

function openBody(room: Room, id: number | null, how: Reading | undefined): Result<Content | Long> {
  if (id === null) return ok(contentOfRow(new Uint8Array(0)));
  const blob = room.r.blobs.get(id);
  if (!blob) return gone;
  if (!blob.parts) return openSingle(room, blob, how);
  const slices = readSlices(blob.parts);
  if (slices.length > openPieces) return ok({ id, size: blob.size, slices });
  return openFew(room, blob.size, slices, how);
}

function openPiece(room: Room, slice: BlobSlice, how: Reading | undefined): Result<Content> {
  const row = room.r.blobs.get(slice.blob);
  return row ? openSingle(room, row, how) : gone;
}

function openFew(
  room: Room,
  size: number,
  slices: readonly BlobSlice[],
  how: Reading | undefined,
): Result<Content> {
  const contents: Content[] = [];
  const closeAll = (): void => contents.forEach((content) => void content.close());
  for (const slice of slices) {
    const content = openPiece(room, slice, how);
    if (!content.ok) {
      closeAll();
      return content;
    }
    contents.push(content.value);
  }
  const pieces = contents.map((content) => ({ size: content.size, open: () => lent(content) }));
  return ok(joined(contentOfPieces(pieces, size, closeAll), contents));
}

/** Joined content; where a piece is sealed, it is opened by opening the first of those. */
function joined(whole: Content, pieces: readonly Content[]): Content {
  const sealed = pieces.find(isShaped);
  if (!sealed) return whole;
  const ready = async (): Promise<Result<Content>> => {
    const first = await sealed.ready();
    return first.ok ? ok(whole) : first;
  };
  return { ...whole, ready } as Content;
}

/** The same content, closed by its owner alone. */
const lent = (content: Content): Content => ({ ...content, close: () => Promise.resolve() });

/** `find` once more, when it is held: it may have gone before. */
async function openLong(
  room: Room,
  find: () => Found,
  { id, size, slices }: Long,
  how: Reading | undefined,
): Promise<Result<Content>> {
  const held = await room.holds.take(id);
  if (!held.ok) return held;
  const pieces = slices.map((slice) => ({
    size: slice.size,
    open: () => orThrow(openPiece(room, slice, how)),
  }));
  const again = room.snapshot(find);
  if (again.ok && again.value.row.blob === id) return ok(contentOfPieces(pieces, size, held.value));
  held.value();
  return gone;
}

function openSingle(room: Room, blob: BlobRow, how: Reading | undefined): Result<Content> {
  if (blob.damaged_at !== null) return damaged(`blob ${blob.id}`);
  const stored = blob.body ? inlineContent(blob, blob.body) : fileContent(room, blob, blob.file!);
  return blob.form !== null && stored.ok ? ok(shapedOf(room, blob, stored.value, how)) : stored;
}

function shapedOf(room: Room, blob: BlobRow, stored: Content, how: Reading | undefined): Content {
  const kept = blob.form!.includes("e") ? room.r.blobs.keyOf(blob.id) : undefined;
  const openKey = async (): Promise<Result<Uint8Array | undefined>> => {
    if (!blob.form!.includes("e")) return ok(undefined);
    return kept ? room.dataKeys.open(kept, how?.customerKey) : damaged(`blob ${blob.id}`);
  };
  return shapedContent(stored, blob.form!, blob.plain!, openKey);
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
