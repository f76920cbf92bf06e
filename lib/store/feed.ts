import type { UnixMs } from "../base/time.ts";
import type { Door } from "../rules/identity.ts";

export type ChangeKind =
  | "object.created"
  | "object.removed"
  | "object.marked" // a delete marker was made
  | "object.moved"
  | "object.described"
  | "bucket.created"
  | "bucket.changed"
  | "bucket.removed"
  | "upload.created"
  | "upload.ended"
  | "user.added"
  | "user.changed"
  | "user.removed"
  | "key.added"
  | "key.removed"
  | "token.added"
  | "token.removed"
  | "grant.added"
  | "grant.removed"
  | "setting.changed";

export type ChangeHow =
  | ""
  | "post"
  | "copy"
  | "complete"
  | "replica"
  | "tags"
  | "untag"
  | "acl"
  | "lock"
  | "status";

/** One mutation of the catalog, written in the same transaction as the mutation itself. */
export interface Change {
  /** Rising without gaps in what a reader sees; a cursor. */
  readonly seq: number;
  readonly at: UnixMs;
  readonly kind: ChangeKind;
  readonly tenant: string;
  /** "" where it is not about a bucket. */
  readonly bucket: string;
  /** Key, user name, key id: what it is about. */
  readonly subject: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  /** Where it was before, for `object.moved`. */
  readonly from: string;
  /** In what way, where the kind does not say: of an `object.created` "" (written), "post", "copy",
   *  "complete" or "replica"; of an `object.marked` "replica"; of an `object.described` "tags",
   *  "untag", "acl", "lock" or "status". */
  readonly how: ChangeHow;
  readonly by: string;
  readonly door: Door;
  readonly address: string;
  readonly request: string;
}

/** The feed is read, never pushed: a reader keeps its cursor and reads again; replay is reading again, as far
 *  back as changes are kept (tidier.ts). */
export interface ChangeFeed {
  /** Changes with seq > `after`, oldest first, at most `limit` (1–1000). */
  read(after: number, limit: number): Promise<readonly Change[]>;
  /** The newest seq; 0 where nothing ever happened. */
  head(): Promise<number>;
  /** Resolves when there may be something after `after` (also a change of another process, within 250 ms),
   *  or when `signal` aborts. */
  wait(after: number, signal: AbortSignal): Promise<void>;
  /** A named reader's durable cursor; 0 at first. */
  cursor(reader: string): Promise<number>;
  saveCursor(reader: string, seq: number): Promise<void>;
}
