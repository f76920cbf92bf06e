import type { UnixMs } from "../../base/time.ts";

/** What a listing tells of a file or folder. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link";
  readonly size: number;
  readonly modifiedAt: UnixMs;
  readonly createdAt: UnixMs;
  /** Permission bits, 0o000–0o777. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly id: string;
}
