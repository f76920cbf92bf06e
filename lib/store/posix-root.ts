import * as fs from "node:fs";
import { pathText, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { checkNames } from "./files-checks.ts";
import { errnoName, errnoNumberResult, errnoResult } from "./posix-errno.ts";
import { isDraftName } from "./posix-drafts.ts";
import { diskName, joined } from "./posix-names.ts";
import { linuxFlags, type LinuxCalls } from "./posix-syscalls.ts";

/** One file or folder, held fast: whatever happens to its name, `path` leads to it and nothing else.
 *  (Where there is no /proc it is the plain path, looked at a moment before.) */
export interface Held {
  readonly path: string;
  close(): void;
}

/** A held folder and a name in it. */
export interface NamePlace {
  readonly folder: Held;
  readonly name: Buffer;
  /** The name's path, for calls that do not follow it if it is a link. */
  readonly path: Buffer;
}

/** Finds what is beneath a folder, never anything outside it. Three ways, the best one there is: openat2
 *  in one call; on an older Linux name by name, following no link; elsewhere by looking at each name for
 *  links first. */
export interface PosixRoot {
  /** What `path` leads to, links within the root followed. Faults: not-found, not-directory, denied. */
  hold(path: Path): Result<Held>;
  /** The folder that the last name of `path` is in, and that name. */
  place(path: Path): Result<NamePlace>;
  readonly held: Held;
  readonly calls: LinuxCalls | undefined;
}

/** Faults: not-found, not-directory, denied. */
export function openRoot(folder: string, calls: LinuxCalls | undefined): Result<PosixRoot> {
  try {
    const fd = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    if (process.platform !== "linux") {
      fs.closeSync(fd);
      return ok(rootOver({ path: fs.realpathSync(folder), close() {} }, undefined, lookedAt));
    }
    const beneath = calls && openBeneath(calls, fd);
    const held = heldFd(fd);
    return ok(rootOver(held, calls, beneath ?? nameByName));
  } catch (error) {
    return errnoResult(error, folder);
  }
}

/** From a held folder to what `names` lead to. */
type Finder = (root: Held, names: readonly Buffer[]) => Result<Held>;

function rootOver(held: Held, calls: LinuxCalls | undefined, find: Finder): PosixRoot {
  const hold = (path: Path): Result<Held> => {
    const names = diskNames(path);
    if (!names.ok) return names;
    const found = find(held, names.value);
    return found.ok ? found : fail(found.fault.code, found.fault.what, { where: pathText(path) });
  };
  return {
    held,
    calls,
    hold,
    place(path) {
      const names = diskNames(path);
      if (!names.ok) return names;
      const name = names.value.at(-1);
      if (!name) return fail("invalid", "the root has no name");
      const folder = hold(path.slice(0, -1));
      if (!folder.ok) return folder;
      if (isFolder(folder.value)) {
        return ok({ folder: folder.value, name, path: joined(folder.value.path, name) });
      }
      folder.value.close();
      return fail("not-directory", "a name on the way is not a folder", { where: pathText(path) });
    },
  };
}

function diskNames(path: Path): Result<Buffer[]> {
  const sound = checkNames(path);
  if (!sound.ok) return sound;
  const names: Buffer[] = [];
  for (const name of path) {
    if (isDraftName(name)) return fail("bad-name", "names of this form are the server's own");
    const bytes = diskName(name);
    if (!bytes.ok) return bytes;
    names.push(bytes.value);
  }
  return ok(names);
}

function isFolder(held: Held): boolean {
  return fs.statSync(held.path).isDirectory();
}

export function heldFd(fd: number): Held {
  return { path: `/proc/self/fd/${fd}`, close: () => fs.closeSync(fd) };
}

const slash = Buffer.from("/");

/** Undefined where the kernel has no openat2 (before 5.6) or may not be asked for it. */
function openBeneath(calls: LinuxCalls, root: number): Finder | undefined {
  const tried = calls.openBeneath(root, Buffer.from("."), linuxFlags.path);
  if (tried < 0) return undefined;
  fs.closeSync(tried);
  return (_, names) => {
    const path = Buffer.concat(names.flatMap((name, i) => (i === 0 ? [name] : [slash, name])));
    for (let tries = 0; ; tries++) {
      const fd = calls.openBeneath(root, path.length === 0 ? Buffer.from(".") : path, linuxFlags.path);
      if (fd >= 0) return ok(heldFd(fd));
      // EAGAIN: a rename on the way while it looked.
      if (fd !== -11 || tries >= 10) return errnoNumberResult(-fd);
    }
  };
}

/** Follows no link at all: each name is opened in the folder before it. */
export const nameByName: Finder = (root, names) => {
  const flags = linuxFlags.path | fs.constants.O_NOFOLLOW;
  let at = fs.openSync(root.path, linuxFlags.path);
  try {
    for (const name of names) {
      const next = fs.openSync(joined(`/proc/self/fd/${at}`, name), flags);
      fs.closeSync(at);
      at = next;
      if (fs.fstatSync(at).isSymbolicLink()) {
        fs.closeSync(at);
        return fail("denied", "it leads through a link that is not followed");
      }
    }
    return ok(heldFd(at));
  } catch (error) {
    fs.closeSync(at);
    return errnoResult(error);
  }
};

/** Without /proc: each name is looked at before it is walked through. Who can swap a folder for a link in
 *  that moment can lead it astray, so such a system must not let strangers write beside us. */
export const lookedAt: Finder = (root, names) => {
  let at: Buffer = Buffer.from(root.path);
  try {
    for (const name of names) {
      at = joined(at, name);
      if (fs.lstatSync(at).isSymbolicLink()) {
        return fail("denied", "it leads through a link that is not followed");
      }
    }
    return ok({ path: at.toString(), close() {} });
  } catch (error) {
    return errnoResult(error);
  }
};

/** Whether the error says only that there is nothing. */
export const isAbsent = (error: unknown): boolean => errnoName(error) === "ENOENT";
