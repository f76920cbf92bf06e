import type { Result } from "../../base/result.ts";
import type { Opened } from "../../proto/ftp/asks.ts";
import type { DataLink } from "./needs.ts";
import type { Direction } from "../file-tally.ts";

/** Something opened that waits for its data connection. */
export interface Movement {
  readonly told: Opened;
  readonly direction: Direction;
  /** Moves everything, ends the link where all went well, and closes what was opened. */
  run(link: DataLink, moving: Moving, ascii: boolean): Promise<Result<void>>;
  /** Closes what was opened; nothing was moved. */
  forget(): Promise<void>;
}

/** How far it is; read by STAT while it grows. */
export interface Moving {
  bytes: number;
}
