import * as fs from "node:fs";
import { asUnixMs, type UnixMs } from "../base/time.ts";
import type { FileKind, FileStat } from "./files.ts";

/** What the system says of a file. Times in nanoseconds are rounded to where `utimes`, which takes fractions
 *  of seconds, can put them. */
export function statOf(stat: fs.BigIntStats): FileStat {
  const kind = kindOf(stat);
  return {
    kind,
    size: kind === "file" && stat.isFile() ? Number(stat.size) : 0,
    modifiedAt: msOf(stat.mtimeNs),
    createdAt: msOf(stat.birthtimeNs),
    mode: Number(stat.mode) & 0o777,
    owner: String(stat.uid),
    group: String(stat.gid),
    id: `${stat.dev.toString(16)}-${stat.ino.toString(16)}`,
  };
}

/** What is neither folder nor link is shown as a file; only plain ones can be opened. */
function kindOf(stat: fs.BigIntStats): FileKind {
  if (stat.isDirectory()) return "folder";
  return stat.isSymbolicLink() ? "link" : "file";
}

const msOf = (nanoseconds: bigint): UnixMs => asUnixMs(Number((nanoseconds + 500n) / 1_000_000n));

/** Sets what of a change is not its size. `path` is held or not a link. Throws the system's error. */
export function applyChange(
  path: string,
  { modifiedAt, mode }: { readonly modifiedAt?: UnixMs; readonly mode?: number },
): void {
  if (mode !== undefined) fs.chmodSync(path, mode & 0o777);
  if (modifiedAt !== undefined) fs.utimesSync(path, new Date(), new Date(modifiedAt));
}

/** Whether both are of the same file. */
export const sameFile = (a: fs.BigIntStats, b: fs.BigIntStats): boolean => a.ino === b.ino && a.dev === b.dev;
