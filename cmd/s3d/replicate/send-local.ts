import type { Fault } from "../../../lib/base/fault.ts";
import { replicationRequest } from "../../../lib/gate/s3/event-record.ts";
import type { Destination } from "../../../lib/proto/s3/replication.ts";
import { houseActor, type Actor } from "../../../lib/rules/identity.ts";
import { lockDocument } from "../../../lib/rules/retention.ts";
import type { DigestName } from "../../../lib/store/content.ts";
import { replicationStatus, type Objects, type ObjectVersion } from "../../../lib/store/objects.ts";
import { refused, sent, unreachable, type Delivery } from "../targets/target.ts";

/** Who replicates within the house. */
const replicator: Actor = { ...houseActor, request: replicationRequest };

/** Makes another bucket of the house have this version. The bytes are shared, not copied. */
export async function copyObject(
  objects: Objects,
  version: ObjectVersion,
  { bucket }: Destination,
): Promise<Delivery> {
  const { contentType, metadata, tags, modifiedAt, key, lock } = version;
  const locked = lock.legalHold || lock.mode !== "none";
  const there = await objects.bucket(bucket);
  if (!there.ok) return unreachable("the destination bucket is gone");
  if (locked && there.value.documents[lockDocument] === undefined) {
    return refused("the destination bucket has no object lock");
  }
  const headers = { ...version.headers, [replicationStatus]: "REPLICA" };
  const done = await objects.copy(replicator, {
    from: { bucket: version.bucket, key, version: version.version },
    to: { bucket, key },
    facts: { contentType, headers, metadata, tags, modifiedAt },
    when: { replica: version.version },
    digests: Object.keys(version.digests) as DigestName[],
    ...(locked ? { lock } : {}),
  });
  // A conflict: the version is there already.
  return done.ok || done.fault.code === "conflict" ? sent : failed(done.fault);
}

export async function copyMarker(
  objects: Objects,
  { key, version }: ObjectVersion,
  { bucket }: Destination,
): Promise<Delivery> {
  const done = await objects.remove(replicator, { bucket, key }, undefined, { replica: version });
  return done.ok ? sent : failed(done.fault);
}

export async function copyFacts(
  objects: Objects,
  { key, version, tags, lock }: ObjectVersion,
  { bucket }: Destination,
): Promise<Delivery> {
  const name = { bucket, key };
  const done = await objects.describe(replicator, name, version, { tags });
  if (!done.ok) return done.fault.code === "not-found" ? sent : failed(done.fault);
  if (lock.mode === "none" && !lock.legalHold && !done.value.lock.legalHold) return sent;
  const { mode, until, legalHold } = lock;
  const retention = mode === "none" || until === undefined ? undefined : { mode, until };
  const locked = await objects.setLock(replicator, name, version, {
    legalHold,
    ...(retention ? { retention } : {}),
    bypass: true,
  });
  return locked.ok ? sent : failed(locked.fault);
}

/** What may pass by itself or by somebody's hand is waited for. */
const passing: ReadonlySet<Fault["code"]> = new Set([
  "not-found",
  "quota",
  "no-space",
  "too-many",
  "read-only",
  "unavailable",
  "io",
]);

const failed = (fault: Fault): Delivery =>
  passing.has(fault.code) ? unreachable(fault.what) : refused(fault.what);
