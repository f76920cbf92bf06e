import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { Actor } from "../rules/identity.ts";
import type { Objects } from "./objects.ts";

/** A named moment of one bucket. Made in no time whatever the bucket holds; from then on, what is replaced or
 *  removed for good stays readable through it, and its bytes stay on disk (and outside the quota). */
export interface Snapshot {
  readonly bucket: string;
  readonly name: string;
  readonly at: UnixMs;
}

/** A moment: a snapshot by name, or a time. A time shows what is still kept of it: all of it in a bucket that
 *  keeps versions and removed none, and behind a snapshot made later. */
export type Moment = { readonly snapshot: string } | { readonly at: UnixMs };

/** The reading half of Objects, of one bucket as it was. What was said of a version is as it is now. */
export type PastView = Pick<Objects, "head" | "get" | "list">;

export interface Restored {
  /** Keys that got what they had. */
  readonly restored: number;
  /** Keys that were not there, and went: versions and markers stay where the bucket keeps them. */
  readonly removed: number;
}

export interface TimeTravel {
  /** Oldest first. Faults: not-found. */
  snapshots(bucket: string): Promise<Result<readonly Snapshot[]>>;
  /** Faults: not-found, exists, bad-name (1–64 letters, digits and `._-`). */
  makeSnapshot(by: Actor, bucket: string, name: string): Promise<Result<Snapshot>>;
  /** What only it showed is deleted. Faults: not-found. */
  removeSnapshot(by: Actor, bucket: string, name: string): Promise<Result<void>>;
  /** Faults: not-found (the bucket, the snapshot). */
  past(bucket: string, moment: Moment): Promise<Result<PastView>>;
  /** Gives every key that begins with `prefix` what it had then, sharing the bytes; 500 keys a transaction.
   *  Faults: not-found, quota, retained; what was restored before the fault stays. */
  restore(by: Actor, bucket: string, prefix: string, moment: Moment): Promise<Result<Restored>>;
}
