import { utf8 } from "../base/bytes.ts";
import { pathLimits, pathText, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { FileChange, OpenHow } from "./files.ts";

/** Whether every name is one a tree can have. The door has seen to it; this does not rely on that.
 *  Faults: bad-name. */
export function checkNames(path: Path): Result<void> {
  for (const name of path) {
    const plain = name !== "" && name !== "." && name !== ".." && !/[\0/]/.test(name) && name.isWellFormed();
    if (!plain || utf8(name).length > pathLimits.nameBytes) {
      return fail("bad-name", "the name cannot be kept", { where: name.slice(0, 80) });
    }
  }
  return path.length > pathLimits.depth ? fail("bad-name", "the path is too deep") : ok();
}

/** Faults: invalid (nothing is asked for, or a file would be made without being written). */
export function checkHow(how: OpenHow): Result<void> {
  if (!how.read && !how.write) return fail("invalid", "open for reading, for writing or both");
  if (!how.write && (how.truncate || how.create !== "must")) {
    return fail("invalid", "what is made or emptied is opened for writing");
  }
  return ok();
}

/** A place in a file that can be counted exactly. Faults: invalid. */
export function checkRange(offset: number, length: number): Result<void> {
  const sound = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  return sound && Number.isSafeInteger(offset + length)
    ? ok()
    : fail("invalid", "not a place in a file", { where: `${offset}+${length}` });
}

/** Faults: invalid. */
export function checkChange(change: FileChange): Result<void> {
  if (change.size !== undefined) return checkRange(change.size, 0);
  const { modifiedAt = 0, mode = 0, note = "" } = change;
  if (!/^[\x20-\x7e]{0,200}$/.test(note)) return fail("invalid", "not a note that can be kept");
  const sound = Number.isFinite(modifiedAt) && Number.isSafeInteger(mode) && mode >= 0;
  return sound ? ok() : fail("invalid", "not a time, or not permission bits");
}

/** What of a mode is kept: no setuid, setgid or sticky bit ever. */
export const permissionBits = (mode: number): number => mode & 0o777;

export const noSuch = (path: Path): Result<never> =>
  fail("not-found", "there is no such file or folder", { where: pathText(path) });
export const notFolder = (path: Path): Result<never> =>
  fail("not-directory", "a name on the way is not a folder", { where: pathText(path) });
export const isFolder = (path: Path): Result<never> =>
  fail("is-directory", "this is a folder", { where: pathText(path) });
export const taken = (path: Path): Result<never> =>
  fail("exists", "the name is taken", { where: pathText(path) });
export const lostBase = (path: Path): Result<never> =>
  fail("conflict", "the file was changed by somebody else since it was opened", { where: pathText(path) });
export const noNotes = (): Result<never> => fail("unsupported", "no notes are kept with these files");
export const closedFile = (): Result<never> => fail("invalid", "the file is closed");
export const notOpenedFor = (what: "reading" | "writing"): Result<never> =>
  fail("denied", `the file was not opened for ${what}`);
