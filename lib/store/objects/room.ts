import type { Database } from "bun:sqlite";
import { utf8 } from "../../base/bytes.ts";
import { limits } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Clock, UnixMs } from "../../base/time.ts";
import type { Actor } from "../../rules/identity.ts";
import type { BlobFiles } from "../blobs/blob-files.ts";
import type { Presence } from "../blobs/presence.ts";
import { blobTable, type BlobTable } from "../catalog/blob-table.ts";
import { bucketTable, type BucketTable } from "../catalog/bucket-table.ts";
import { eventTable, type EventTable } from "../catalog/event-table.ts";
import { snapshotTable, type SnapshotTable } from "../catalog/snapshot-table.ts";
import { uploadTable, type UploadTable } from "../catalog/upload-table.ts";
import { versionTable, type VersionTable } from "../catalog/version-table.ts";
import type { Writer } from "../catalog/writer.ts";
import type { DataKeys } from "../keys/data-keys.ts";
import type { BucketForms } from "./bucket-forms.ts";
import type { Holds } from "./holds.ts";

/** Every statement on objects, over one connection. */
export interface Tables {
  readonly buckets: BucketTable;
  readonly versions: VersionTable;
  readonly blobs: BlobTable;
  readonly uploads: UploadTable;
  readonly events: EventTable;
  readonly snapshots: SnapshotTable;
}

/** Runs `read` on one unchanging view of the catalog. */
export type Snapshot = <T>(read: () => T) => T;

export function snapshotOf(db: Database): Snapshot {
  const [begin, end] = [db.prepare("BEGIN"), db.prepare("COMMIT")];
  return (read) => {
    begin.run();
    try {
      return read();
    } finally {
      end.run();
    }
  };
}

export const tablesOf = (db: Database): Tables => ({
  buckets: bucketTable(db),
  versions: versionTable(db),
  blobs: blobTable(db),
  uploads: uploadTable(db),
  events: eventTable(db),
  snapshots: snapshotTable(db),
});

/** What every operation on objects stands on. */
export interface Room {
  readonly writer: Writer;
  /** For jobs of the writer alone. */
  readonly w: Tables;
  /** For reading what is committed. */
  readonly r: Tables;
  /** Makes several reads of `r` one: a name and its body belong together. Not to be nested. */
  readonly snapshot: Snapshot;
  readonly blobs: BlobFiles;
  readonly holds: Holds;
  readonly forms: BucketForms;
  readonly dataKeys: DataKeys;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Deletes files whose last reference went with a commit. */
  readonly reclaim: (files: readonly string[]) => Promise<void>;
}

/** Who, and when: what a job needs to tell of its change. */
export interface Telling {
  readonly by: Actor;
  readonly at: UnixMs;
}

/** Faults: bad-name. */
export function checkKey(key: string): Result<void> {
  const isShort = key.length * 3 <= limits.keyBytes || utf8(key).length <= limits.keyBytes;
  return key === "" || !isShort || !key.isWellFormed()
    ? fail("bad-name", "a key has 1 to 1024 bytes of UTF-8")
    : ok();
}

export const noObject = (bucket: string, key: string): Result<never> =>
  fail("not-found", "there is no such object", { where: `${bucket}/${key}` });
export const noVersion = (bucket: string, key: string): Result<never> =>
  fail("not-found", "there is no such version", { where: `${bucket}/${key}` });
