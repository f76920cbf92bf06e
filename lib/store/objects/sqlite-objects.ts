import { ok } from "../../base/result.ts";
import { toUpload } from "../catalog/upload-table.ts";
import type { Objects } from "../objects.ts";
import { bucketNamed, bucketPage, bucketUsage, changeBucket, createBucket, deleteBucket } from "./buckets.ts";
import { completeUpload } from "./complete.ts";
import { copyObject } from "./copy.ts";
import { listObjects, listUploads, listVersions } from "./list.ts";
import { moveObjects } from "./move.ts";
import { getObject, headObject } from "./read.ts";
import type { Room } from "./room.ts";
import { abortUpload, createUpload, findUpload, partPage, putPart } from "./uploads.ts";
import { describeObject, putObject, removeObject, setLock } from "./write.ts";

/** Objects over the SQLite catalog and blob files: one operation a function, in the files beside this. */
export function sqliteObjects(room: Room): Objects {
  return {
    createBucket: (by, bucket) => createBucket(room, by, bucket),
    bucket: async (name) => room.snapshot(() => bucketNamed(room, name)),
    buckets: async (tenant, after, limit) => bucketPage(room, tenant, after, limit),
    changeBucket: (by, name, change) => changeBucket(room, by, name, change),
    deleteBucket: (by, name) => deleteBucket(room, by, name),
    usage: async (bucket) => bucketUsage(room, bucket),

    put: (by, name, body, put) => putObject(room, by, name, body, put),
    head: async (name, version) => headObject(room, name, version),
    get: (name, version, how) => getObject(room, name, version, how),
    remove: (by, name, version, when) => removeObject(room, by, name, version, when),
    copy: (by, ask) => copyObject(room, by, ask),
    move: (by, bucket, from, to, how) => moveObjects(room, by, bucket, from, to, how),
    describe: (by, name, version, facts) => describeObject(room, by, name, version, facts),
    setLock: (by, name, version, change) => setLock(room, by, name, version, change),

    list: async (ask) => room.snapshot(() => listObjects(room, ask)),
    listVersions: async (ask) => room.snapshot(() => listVersions(room, ask)),

    createUpload: (by, name, upload) => createUpload(room, by, name, upload),
    upload: async (name, id) => {
      const found = findUpload(room.r, name, id);
      return found.ok ? ok(toUpload(found.value.upload, name.bucket)) : found;
    },
    putPart: (_by, name, id, number, body, part) => putPart(room, name, id, number, body, part),
    parts: async (name, id, after, limit) => room.snapshot(() => partPage(room, name, id, after, limit)),
    completeUpload: (by, name, id, how) => completeUpload(room, by, name, id, how),
    abortUpload: (by, name, id) => abortUpload(room, by, name, id),
    uploads: async (ask) => room.snapshot(() => listUploads(room, ask)),
  };
}
