import * as fs from "node:fs";
import type { Entropy } from "../base/entropy.ts";
import { pathText, type Path } from "../base/path.ts";
import { ok, type Result } from "../base/result.ts";
import { call } from "./file-calls.ts";
import { lostBase, noSuch } from "./files-checks.ts";
import { errnoName, errnoNumberResult, errnoResult } from "./posix-errno.ts";
import type { NamePlace } from "./posix-root.ts";
import { draftName } from "./posix-drafts.ts";
import { joined } from "./posix-names.ts";
import { sameFile } from "./posix-stat.ts";
import type { LinuxCalls } from "./posix-syscalls.ts";

/** A file that is being written beside the name it shall have. */
export interface Staged {
  readonly fd: number;
  /** The name it has meanwhile; undefined: it has none, and a crash leaves nothing. */
  name: Buffer | undefined;
  readonly calls: LinuxCalls | undefined;
  readonly entropy: Entropy;
  /** Takes away what name it still has, while the folder of it is held. */
  unname(): void;
  /** The same, and closes it. */
  drop(): void;
}

const temporary = 0o20000000 | fs.constants.O_DIRECTORY; // O_TMPFILE

/** Begins a file in `folder`, which is held. */
export function stage(folder: string, calls: LinuxCalls | undefined, entropy: Entropy): Result<Staged> {
  const newName = (): Buffer => joined(folder, Buffer.from(draftName(entropy)));
  try {
    const { fd, name } = create(folder, newName, calls !== undefined);
    const staged: Staged = {
      fd,
      name,
      calls,
      entropy,
      unname() {
        if (staged.name) unlinkQuietly(staged.name);
        staged.name = undefined;
      },
      drop() {
        staged.unname();
        fs.closeSync(fd);
      },
    };
    return ok(staged);
  } catch (error) {
    return errnoResult(error);
  }
}

function create(
  folder: string,
  newName: () => Buffer,
  mayBeNameless: boolean,
): { fd: number; name: Buffer | undefined } {
  if (mayBeNameless) {
    try {
      return { fd: fs.openSync(`${folder}/.`, temporary | fs.constants.O_RDWR, 0o600), name: undefined };
    } catch (error) {
      // Some file systems have no nameless files; others say so in their own way.
      if (!["EOPNOTSUPP", "EISDIR", "ENOTSUP", "EINVAL"].includes(errnoName(error))) throw error;
    }
  }
  const name = newName();
  const flags = fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW;
  return { fd: fs.openSync(name, flags, 0o600), name };
}

/** Gives it the name `place`, at once and whole. `base`: the file that had the name at opening, and must
 *  have it still; undefined: the name must be free. Faults: conflict, not-found (the folder is gone). */
export function publish(
  staged: Staged,
  place: NamePlace,
  base: fs.BigIntStats | undefined,
  path: Path,
): Result<void> {
  const { calls } = staged;
  if (!base && calls && !staged.name) return published(calls.linkOpen(staged.fd, place.path), path);
  if (!staged.name) {
    const name = joined(place.folder.path, Buffer.from(draftName(staged.entropy)));
    const linked = published(calls!.linkOpen(staged.fd, name), path);
    if (!linked.ok) return linked;
    staged.name = name;
  }
  const target = place.path;
  return base
    ? takePlace(staged, staged.name, target, base, path)
    : takeFree(staged, staged.name, target, path);
}

function takeFree(staged: Staged, name: Buffer, target: Buffer, path: Path): Result<void> {
  if (staged.calls) {
    const moved = published(staged.calls.rename(name, target, "keep"), path);
    if (moved.ok) staged.name = undefined;
    return moved;
  }
  try {
    fs.linkSync(name, target); // refuses a name that is taken, where there is no renameat2
    return ok();
  } catch (error) {
    return errnoName(error) === "EEXIST" ? lostBase(path) : errnoResult(error, pathText(path));
  }
}

/** The two change places; what came out is looked at, and goes back if it is not what was expected. */
function takePlace(
  staged: Staged,
  name: Buffer,
  target: Buffer,
  base: fs.BigIntStats,
  path: Path,
): Result<void> {
  const { calls } = staged;
  try {
    const swapped = calls ? calls.rename(name, target, "exchange") : -38;
    if (swapped === 0) {
      if (sameFile(fs.lstatSync(name, { bigint: true }), base)) return ok(); // `drop` takes the old one away
      calls!.rename(name, target, "exchange");
      return lostBase(path);
    }
    if (swapped !== -38 && swapped !== -22) return swapped === -2 ? lostBase(path) : published(swapped, path);
    // A file system that cannot swap: looked at just before.
    if (!sameFile(fs.lstatSync(target, { bigint: true }), base)) return lostBase(path);
    fs.renameSync(name, target);
    staged.name = undefined;
    return ok();
  } catch (error) {
    return errnoName(error) === "ENOENT" ? lostBase(path) : errnoResult(error, pathText(path));
  }
}

function published(result: number, path: Path): Result<void> {
  if (result >= 0) return ok();
  if (result === -17) return lostBase(path);
  return result === -2 ? noSuch(path.slice(0, -1)) : errnoNumberResult(-result, pathText(path));
}

function unlinkQuietly(name: Buffer): void {
  try {
    fs.unlinkSync(name);
  } catch {
    // Its folder may be gone, and it with it.
  }
}

/** The names of a folder are on disk when it resolves. */
export async function syncFolder(folder: string): Promise<Result<void>> {
  const flags = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;
  const opened = await call<number>((done) => fs.open(`${folder}/.`, flags, done));
  if (!opened.ok) return opened;
  const synced = await call((done) => fs.fsync(opened.value, done));
  fs.closeSync(opened.value);
  return synced;
}
