import type { Listed } from "../../base/long-listing.ts";
import type { UnixMs } from "../../base/time.ts";

/** What a listing tells of a file or folder. */
export interface Entry extends Listed {
  readonly createdAt: UnixMs;
  readonly id: string;
  /** What the client may do with it; undefined: what its owner's bits say. */
  readonly rights?: EntryRights | undefined;
}

export interface EntryRights {
  readonly read: boolean;
  readonly write: boolean;
  readonly remove: boolean;
  readonly list: boolean;
}
