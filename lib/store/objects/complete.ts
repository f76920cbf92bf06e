import { concat, hex } from "../../base/bytes.ts";
import { limits } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { joinCrc } from "../../crypto/crc-join.ts";
import type { Actor } from "../../rules/identity.ts";
import type { BlobSlice } from "../catalog/blob-table.ts";
import { findBucket } from "../catalog/bucket-table.ts";
import { digestsFrom, namesFrom, readSaid, writeSaid } from "../catalog/facts-text.ts";
import type { PartRow, UploadRow } from "../catalog/upload-table.ts";
import { lockOf, toVersion } from "../catalog/version-table.ts";
import type { Commit } from "../catalog/writer.ts";
import type { DigestName, Digests } from "../content.ts";
import { checkFinished, digestsOf, type Finish } from "../digests.ts";
import type { Completion, ObjectName, ObjectVersion } from "../objects.ts";
import { dropBlob, place, tellOf } from "./place.ts";
import type { Room } from "./room.ts";
import { findUpload } from "./uploads.ts";
import { sameDigests } from "./write.ts";

/** Makes the object of its parts' blobs: nothing is read again, nothing is copied. */
export function completeUpload(
  room: Room,
  by: Actor,
  name: ObjectName,
  id: string,
  how: Completion,
): Promise<Result<ObjectVersion>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write((commit) => {
    const found = findUpload(room.w, name, id);
    if (!found.ok) return completedBefore(room, name, id) ?? found;
    const { bucket, upload } = found.value;
    const all = room.w.uploads.parts(id, 0, limits.uploadParts);
    const chosen = choose(all, how);
    if (!chosen.ok) return chosen;
    const made = assemble(upload, chosen.value, how);
    if (!made.ok) return made;
    const { size, etag, facts } = made.value;
    const spared = all.reduce((sum, part) => sum + part.size, 0);
    const blob = (): number | null => join(room, chosen.value, size);
    const what = { key: name.key, size, etag, facts, lock: lockOf(upload), spared, blob };
    const draft = { ...what, how: "complete" as const };
    const placed = place(room, commit, tell, bucket, draft, how.when);
    if (!placed.ok) return placed;
    dropOthers(room, commit, all, chosen.value);
    room.w.uploads.remove(id);
    const { age } = placed.value;
    room.w.uploads.end({ id, bucket: bucket.id, key: name.key, age, ended_at: tell.at });
    tellOf(room, tell, bucket, { kind: "upload.ended", subject: name.key, version: id });
    return ok(toVersion(placed.value, name.bucket, true));
  });
}

/** The answer that was given, where the upload was of this name and its version is still there. */
function completedBefore(
  room: Room,
  { bucket: bucketName, key }: ObjectName,
  id: string,
): Result<ObjectVersion> | undefined {
  const bucket = findBucket(room.w.buckets, bucketName);
  const ended = room.w.uploads.ended(id);
  if (!bucket.ok || ended?.bucket !== bucket.value.id || ended.key !== key) return undefined;
  const row = room.w.versions.aged(ended.bucket, key, ended.age);
  if (!row) return undefined;
  return ok(toVersion(row, bucketName, room.w.versions.current(ended.bucket, key)?.age === row.age));
}

/** Faults: invalid (`where`: "empty", "order", "part"), bad-range, too-large. */
function choose(all: readonly PartRow[], how: Completion): Result<PartRow[]> {
  if (how.parts.length === 0) return fail("invalid", "no parts are listed", { where: "empty" });
  const byNumber = new Map(all.map((part) => [part.number, part]));
  const chosen: PartRow[] = [];
  let before = 0;
  for (const { number, etag, digests } of how.parts) {
    if (number <= before) return fail("invalid", "the parts are not in rising order", { where: "order" });
    before = number;
    const found = byNumber.get(number);
    if (found?.etag !== etag || !sameDigests(digests, digestsFrom(found.digests))) {
      return fail("invalid", `part ${number} is unknown or another one`, { where: "part" });
    }
    chosen.push(found);
  }
  const small = chosen.slice(0, -1).find(({ size }) => size < how.minPartBytes);
  if (small) return fail("bad-range", `part ${small.number} is smaller than ${how.minPartBytes} bytes`);
  return ok(chosen);
}

interface Assembled {
  readonly size: number;
  readonly etag: string;
  readonly facts: string | null;
}

function assemble(upload: UploadRow, chosen: readonly PartRow[], finish: Finish): Result<Assembled> {
  const parts = chosen.map(({ size }) => size);
  const size = parts.reduce((sum, part) => sum + part, 0);
  if (size > limits.objectBytes) return fail("too-large", "an object may have 5 TiB");
  const md5s = concat(chosen.map(({ etag }) => Uint8Array.fromHex(etag)));
  const etag = `${hex(digestsOf(["md5"], md5s).md5!)}-${chosen.length}`;
  const digests = wholeDigests(upload, chosen);
  const sound = checkFinished(finish, digests, upload.digests_of);
  if (!sound.ok) return sound;
  const said = { ...readSaid(upload.facts), digests, digestsOf: upload.digests_of, parts };
  return ok({ size, etag, facts: writeSaid(said) });
}

/** Of the parts' digests, or of the whole: which only CRCs can tell without reading it again. */
function wholeDigests(upload: UploadRow, chosen: readonly PartRow[]): Digests {
  const ofParts = chosen.map((part) => digestsFrom(part.digests));
  const whole: [DigestName, Uint8Array][] = [];
  for (const name of namesFrom(upload.digests)) {
    const values = ofParts.map((digests) => digests[name]!);
    if (upload.digests_of === "parts") {
      whole.push([name, digestsOf([name], concat(values))[name]!]);
    } else if (name === "crc32" || name === "crc32c" || name === "crc64nvme") {
      const joined = values.reduce((sum, value, i) => joinCrc(name, sum, value, chosen[i]!.size));
      whole.push([name, joined]);
    } else if (chosen.length === 1) whole.push([name, values[0]!]);
  }
  return Object.fromEntries(whole);
}

function join(room: Room, chosen: readonly PartRow[], size: number): number | null {
  const slices = chosen.flatMap(({ blob, size }): BlobSlice[] => (blob === null ? [] : [{ blob, size }]));
  if (slices.length <= 1) return slices[0]?.blob ?? null;
  return room.w.blobs.insert({ in: "parts", parts: slices, size });
}

/** Parts that the completion does not list are dropped. */
function dropOthers(room: Room, commit: Commit, all: readonly PartRow[], chosen: readonly PartRow[]): void {
  const kept = new Set(chosen);
  for (const part of all) if (!kept.has(part) && part.blob !== null) dropBlob(room, commit, part.blob);
}
