import type { Listed } from "../../base/long-listing.ts";
import type { UnixMs } from "../../base/time.ts";

/** What a listing tells of a file or folder. */
export interface Entry extends Listed {
  readonly createdAt: UnixMs;
  readonly id: string;
}
