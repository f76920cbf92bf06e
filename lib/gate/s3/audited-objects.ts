import type { Result } from "../../base/result.ts";
import type { Clock } from "../../base/time.ts";
import type { AuditEntry, AuditVerb } from "../../rules/audit.ts";
import type { Actor } from "../../rules/identity.ts";
import type { ObjectName, Objects, ObjectVersion, Removed } from "../../store/objects.ts";
import type { AuditTrail } from "../../watch/audit.ts";

type Detail = AuditEntry["detail"];

/** Objects that tells the audit trail of every change, done or refused, once it has ended: each key of a
 *  DeleteObjects, a form's upload and what a lifecycle removes have their line like any PUT. */
export function auditedObjects(objects: Objects, audit: AuditTrail, clock: Clock): Objects {
  async function told<T>(
    by: Actor,
    verb: AuditVerb,
    target: string,
    change: Promise<Result<T>>,
    detailOf: (value: T) => Detail = () => ({}),
  ): Promise<Result<T>> {
    const done = await change;
    const outcome = done.ok ? "ok" : done.fault.code;
    const detail = done.ok ? detailOf(done.value) : {};
    audit.tell({ at: clock.wall(), actor: by, verb, target, outcome, detail });
    return done;
  }
  return {
    ...untold(objects),
    createBucket: (by, bucket) => told(by, "bucket.create", bucket.name, objects.createBucket(by, bucket)),
    changeBucket: (by, name, change) =>
      told(by, "bucket.configure", name, objects.changeBucket(by, name, change), () => changed(change)),
    deleteBucket: (by, name) => told(by, "bucket.delete", name, objects.deleteBucket(by, name)),
    put: (by, name, body, put) =>
      told(by, "object.write", text(name), objects.put(by, name, body, put), written),
    copy: (by, ask) =>
      told(by, "object.write", text(ask.to), objects.copy(by, ask), (made) => ({
        ...written(made),
        from: text(ask.from),
      })),
    completeUpload: (by, name, id, how) =>
      told(by, "object.write", text(name), objects.completeUpload(by, name, id, how), written),
    describe: (by, name, version, facts) =>
      // That a replica arrived changes nothing that anybody wrote.
      facts.replication
        ? objects.describe(by, name, version, facts)
        : told(by, "object.write", text(name), objects.describe(by, name, version, facts), (of) => ({
            version: of.version,
            changed: Object.keys(facts).join(" "),
          })),
    setLock: (by, name, version, change) =>
      told(by, "object.write", text(name), objects.setLock(by, name, version, change), (of) => ({
        version: of.version,
        changed: "lock",
      })),
    move: (by, bucket, from, to, how) =>
      told(by, "object.rename", text({ bucket, key: to }), objects.move(by, bucket, from, to, how), () => ({
        from: text({ bucket, key: from }),
      })),
    remove: (by, name, version, when) =>
      told(by, "object.delete", text(name), objects.remove(by, name, version, when), removed),
  };
}

type Untold =
  | "bucket"
  | "buckets"
  | "usage"
  | "head"
  | "get"
  | "list"
  | "listVersions"
  | "createUpload"
  | "upload"
  | "putPart"
  | "parts"
  | "abortUpload"
  | "uploads";

/** What changes nothing that anybody can read. */
function untold(objects: Objects): Pick<Objects, Untold> {
  return {
    bucket: (...of) => objects.bucket(...of),
    buckets: (...of) => objects.buckets(...of),
    usage: (...of) => objects.usage(...of),
    head: (...of) => objects.head(...of),
    get: (...of) => objects.get(...of),
    list: (...of) => objects.list(...of),
    listVersions: (...of) => objects.listVersions(...of),
    createUpload: (...of) => objects.createUpload(...of),
    upload: (...of) => objects.upload(...of),
    putPart: (...of) => objects.putPart(...of),
    parts: (...of) => objects.parts(...of),
    abortUpload: (...of) => objects.abortUpload(...of),
    uploads: (...of) => objects.uploads(...of),
  };
}

const text = ({ bucket, key }: ObjectName): string => `${bucket}/${key}`;
const written = ({ size, version }: ObjectVersion): Detail => ({ bytes: size, version });
const removed = ({ version, deleteMarker }: Removed): Detail =>
  version === undefined ? {} : { version, marker: deleteMarker ? "made" : "none" };
const changed = (change: object): Detail => ({ changed: Object.keys(change).join(" ") });
