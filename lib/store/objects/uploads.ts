import { hex } from "../../base/bytes.ts";
import { limits } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { principalName, type Actor } from "../../rules/identity.ts";
import { fits } from "../../rules/quota.ts";
import { unlocked } from "../../rules/retention.ts";
import { findBucket, quotaOf, usageOf, type BucketRow } from "../catalog/bucket-table.ts";
import { digestsText, namesFrom, readSaid, writeSaid } from "../catalog/facts-text.ts";
import { toPart, toUpload, type PartRow, type UploadRow } from "../catalog/upload-table.ts";
import { lockColumns, type VersionRow } from "../catalog/version-table.ts";
import type { DigestName, Page, Source } from "../content.ts";
import type { NewPart, NewUpload, ObjectName, Part, Upload } from "../objects.ts";
import { receiveBody, settled } from "./bodies.ts";
import { asItCame, planPart } from "./forms.ts";
import { dropBlob, tellOf } from "./place.ts";
import type { Room } from "./room.ts";
import { checkTarget, factsOf, keptDigests } from "./write.ts";

export async function createUpload(
  room: Room,
  by: Actor,
  name: ObjectName,
  ask: NewUpload,
): Promise<Result<Upload>> {
  const target = checkTarget(room, name);
  if (!target.ok) return target;
  const at = room.clock.wall();
  const [lock_mode, lock_until, legal_hold] = lockColumns(ask.lock ?? unlocked);
  const { tenant, encryption: wanted } = room.forms.of(name.bucket);
  const asked = ask.encryption ?? wanted;
  const encryption = asked ? await room.dataKeys.resolve(asked, tenant) : ok(undefined);
  if (!encryption.ok) return encryption;
  const sealed = { encryption: encryption.value };
  const said = { ...factsOf(ask), digests: {}, digestsOf: "object", parts: [], ...sealed } as const;
  return room.writer.write(() => {
    const bucket = findBucket(room.w.buckets, name.bucket);
    if (!bucket.ok) return bucket;
    const row: UploadRow = {
      id: room.newId(),
      bucket: bucket.value.id,
      key: name.key,
      initiator: by.principal.kind === "user" ? by.principal.user.id : principalName(by.principal),
      created_at: at,
      digests: ask.digests.join(","),
      digests_of: ask.digestsOf,
      lock_mode: lock_mode as VersionRow["lock_mode"],
      lock_until,
      legal_hold,
      facts: writeSaid(said),
    };
    room.w.uploads.insert(row);
    tellOf(room, { by, at }, bucket.value, { kind: "upload.created", subject: name.key, version: row.id });
    return ok(toUpload(row, name.bucket));
  });
}

/** Faults: not-found: the id is of another bucket or key, or ended. */
export function findUpload(
  tables: Room["r"],
  name: ObjectName,
  id: string,
): Result<{ bucket: BucketRow; upload: UploadRow }> {
  const bucket = findBucket(tables.buckets, name.bucket);
  if (!bucket.ok) return bucket;
  const upload = tables.uploads.get(id);
  if (!upload || upload.key !== name.key || upload.bucket !== bucket.value.id) {
    return fail("not-found", "there is no such upload", { where: id });
  }
  return ok({ bucket: bucket.value, upload });
}

export async function putPart(
  room: Room,
  name: ObjectName,
  id: string,
  number: number,
  body: Source,
  ask: NewPart,
): Promise<Result<Part>> {
  const before = findUpload(room.r, name, id);
  if (!before.ok) return before;
  if (!Number.isInteger(number) || number < 1 || number > limits.uploadParts) {
    return fail("invalid", "a part's number is 1 to 10,000", { where: "number" });
  }
  const names: DigestName[] = [...new Set([...namesFrom(before.value.upload.digests), ...ask.digests])];
  const { encryption, contentType, headers } = readSaid(before.value.upload.facts);
  const planning = planPart(room, { ...name, contentType, headers }, encryption, ask.customerKey);
  const planned = planning ? await planning : ok(asItCame);
  if (!planned.ok) return planned;
  const received = await receiveBody(room, body, names, ask.expect, planned.value);
  if (!received.ok) return received;
  const { size, digests } = received.value.arrived;
  const etag = hex(digests.md5!);
  const text = digestsText(keptDigests(digests, names));
  const at = room.clock.wall();
  return settled(received.value, () =>
    room.writer.write((commit) => {
      const found = findUpload(room.w, name, id);
      if (!found.ok) return found;
      const { bucket } = found.value;
      const old = room.w.uploads.part(id, number);
      const delta = { bytes: size - (old?.size ?? 0), objects: 0 };
      const fit = fits(quotaOf(bucket), usageOf(bucket), delta, `the bucket ${bucket.name}`);
      if (!fit.ok) return fit;
      if (old && old.blob !== null) dropBlob(room, commit, old.blob);
      const made = { upload: id, number, blob: received.value.refer() };
      const row: PartRow = { ...made, size, etag, digests: text, created_at: at };
      room.w.uploads.putPart(row);
      room.w.buckets.use(bucket.id, delta);
      return ok(toPart(row));
    }),
  );
}

export function partPage(
  room: Room,
  name: ObjectName,
  id: string,
  after: number,
  limit: number,
): Result<Page<Part>> {
  const found = findUpload(room.r, name, id);
  if (!found.ok) return found;
  const rows = room.r.uploads.parts(id, after, limit + 1).map(toPart);
  const page = rows.slice(0, limit);
  return ok({ rows: page, next: rows.length > limit ? String(page.at(-1)!.number) : undefined });
}

export function abortUpload(room: Room, by: Actor, name: ObjectName, id: string): Promise<Result<void>> {
  const tell = { by, at: room.clock.wall() };
  return room.writer.write((commit) => {
    const found = findUpload(room.w, name, id);
    if (!found.ok) return found;
    const { bucket } = found.value;
    let bytes = 0;
    for (const part of room.w.uploads.parts(id, 0, limits.uploadParts)) {
      bytes += part.size;
      if (part.blob !== null) dropBlob(room, commit, part.blob);
    }
    room.w.uploads.remove(id);
    room.w.buckets.use(bucket.id, { bytes: -bytes, objects: 0 });
    tellOf(room, tell, bucket, { kind: "upload.ended", subject: name.key, version: id });
    return ok();
  });
}
