import * as fs from "node:fs";
import type { Entropy } from "../base/entropy.ts";
import { isWithin, pathText, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Page } from "./content.ts";
import type { DirEntry, FileChange, Files, FileStat, OpenFile, OpenHow, Space } from "./files.ts";
import {
  checkChange,
  checkHow,
  checkNames,
  isFolder,
  noSuch,
  notFolder,
  taken,
  noNotes,
} from "./files-checks.ts";
import { errnoName, errnoNumberResult, errnoResult } from "./posix-errno.ts";
import { removeFolderAndDrafts } from "./posix-drafts.ts";
import { PosixLister } from "./posix-list.ts";
import { stage, syncFolder } from "./posix-publish.ts";
import { PosixReader } from "./posix-reader.ts";
import { isAbsent, openRoot, type Held, type NamePlace, type PosixRoot } from "./posix-root.ts";
import { applyChange, statOf } from "./posix-stat.ts";
import { linuxCalls, type LinuxCalls } from "./posix-syscalls.ts";
import { PosixWriter, type PosixBase } from "./posix-writer.ts";

export interface PosixFilesNeeds {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The system calls to use; a test may leave them out. */
  readonly calls?: LinuxCalls | undefined;
}

/** Files of a plain directory, with the end of holding it open. */
export type PosixFiles = Files & Disposable;

/** A directory of this host, as it is. Nothing outside it is ever reached: links are followed where they stay
 *  within (with openat2), devices, pipes and sockets are not opened. Uploads appear whole or not at all. The
 *  system's own permissions hold as well. Faults: not-found, not-directory, denied. */
export function posixFiles(folder: string, needs: PosixFilesNeeds): Result<PosixFiles> {
  const calls = "calls" in needs ? needs.calls : linuxCalls();
  const root = openRoot(folder, calls);
  return root.ok ? ok(new PosixTree(root.value, needs)) : root;
}

class PosixTree implements Files, Disposable {
  readonly #root: PosixRoot;
  readonly #lister: PosixLister;
  readonly #entropy: Entropy;

  constructor(root: PosixRoot, { clock, entropy }: PosixFilesNeeds) {
    this.#root = root;
    this.#lister = new PosixLister(clock);
    this.#entropy = entropy;
  }

  [Symbol.dispose](): void {
    this.#root.held.close();
  }

  /** Runs on what `path` leads to. */
  async #on<T>(path: Path, run: (held: Held) => Promise<Result<T>> | Result<T>): Promise<Result<T>> {
    const held = this.#root.hold(path);
    if (!held.ok) return held;
    try {
      return await run(held.value);
    } catch (error) {
      return errnoResult(error, pathText(path));
    } finally {
      held.value.close();
    }
  }

  /** Runs on the folder and the name. */
  async #at<T>(path: Path, run: (place: NamePlace) => Promise<Result<T>> | Result<T>): Promise<Result<T>> {
    const place = this.#root.place(path);
    if (!place.ok) return place;
    try {
      return await run(place.value);
    } catch (error) {
      return errnoResult(error, pathText(path));
    } finally {
      place.value.folder.close();
    }
  }

  /** What a link leads to, where it stays within the root; otherwise the link itself. */
  async stat(path: Path): Promise<Result<FileStat>> {
    const found = await this.#on(path, (held) => ok(statOf(fs.statSync(held.path, { bigint: true }))));
    if (found.ok || path.length === 0 || found.fault.code === "not-directory") return found;
    const link = await this.#at(path, (place) => ok(statOf(fs.lstatSync(place.path, { bigint: true }))));
    return link.ok && link.value.kind === "link" ? link : found;
  }

  async list(path: Path, after: string, limit: number): Promise<Result<Page<DirEntry>>> {
    return this.#on(path, (held) =>
      fs.statSync(held.path).isDirectory() ? this.#lister.page(held, after, limit) : notFolder(path),
    );
  }

  async open(path: Path, how: OpenHow): Promise<Result<OpenFile>> {
    const sound = checkHow(how);
    if (!sound.ok) return sound;
    if (path.length === 0) return isFolder(path);
    return how.write ? this.#openWriter(path, how) : this.#openReader(path);
  }

  async #openReader(path: Path): Promise<Result<OpenFile>> {
    return this.#on(path, (held) => {
      const found = fs.statSync(held.path, { bigint: true });
      if (found.isDirectory()) return isFolder(path);
      if (!found.isFile()) return notPlain(path);
      const fd = fs.openSync(held.path, fs.constants.O_RDONLY);
      return ok(new PosixReader(fd, statOf(fs.fstatSync(fd, { bigint: true }))));
    });
  }

  async #openWriter(path: Path, how: OpenHow): Promise<Result<OpenFile>> {
    const found = this.#root.place(path);
    if (!found.ok) return found;
    const place = found.value;
    try {
      const base = openBase(place, path, how);
      const staged = base.ok ? stage(place.folder.path, this.#root.calls, this.#entropy) : base;
      if (base.ok && staged.ok) {
        const release = (): void => place.folder.close();
        const again = (): Result<NamePlace> => this.#root.place(path);
        return ok(
          new PosixWriter({ path, how, base: base.value, staged: staged.value, release, place: again }),
        );
      }
      if (base.ok && base.value) fs.closeSync(base.value.fd);
      place.folder.close();
      return staged.ok ? noSuch(path) : staged;
    } catch (error) {
      place.folder.close();
      return errnoResult(error, pathText(path));
    }
  }

  async makeFolder(path: Path): Promise<Result<void>> {
    if (path.length === 0) return taken(path);
    return this.#at(path, (place) => {
      fs.mkdirSync(place.path);
      return ok();
    });
  }

  async removeFile(path: Path): Promise<Result<void>> {
    if (path.length === 0) return isFolder(path);
    return this.#at(path, (place) => {
      if (fs.lstatSync(place.path).isDirectory()) return isFolder(path);
      fs.unlinkSync(place.path);
      return ok();
    });
  }

  async removeFolder(path: Path): Promise<Result<void>> {
    if (path.length === 0) return fail("denied", "the root stays");
    return this.#at(path, (place) => {
      removeFolderAndDrafts(place.path);
      return ok();
    });
  }

  async rename(from: Path, to: Path, replace: boolean): Promise<Result<void>> {
    if (isWithin(to, from)) {
      const found = await this.stat(from);
      if (!found.ok) return found;
      return from.length === to.length ? ok() : fail("invalid", "a folder cannot move into itself");
    }
    if (from.length === 0) return fail("invalid", "the root stays");
    return this.#at(from, async (source) => {
      fs.lstatSync(source.path);
      if (to.length === 0) return taken(to);
      return this.#at(to, (target) => this.#move(source, target, to, replace));
    });
  }

  async #move(source: NamePlace, target: NamePlace, to: Path, replace: boolean): Promise<Result<void>> {
    const moved = replace ? moveOver(source, target, to) : this.#moveFree(source, target, to);
    if (!moved.ok) return moved;
    for (const folder of new Set([source.folder.path, target.folder.path])) {
      const synced = await syncFolder(folder);
      if (!synced.ok) return synced;
    }
    return ok();
  }

  #moveFree(source: NamePlace, target: NamePlace, to: Path): Result<void> {
    const result = this.#root.calls?.rename(source.path, target.path, "keep") ?? -38;
    if (result >= 0) return ok();
    if (result !== -38 && result !== -22) return errnoNumberResult(-result, pathText(to));
    if (exists(target.path)) return taken(to);
    fs.renameSync(source.path, target.path);
    return ok();
  }

  async change(path: Path, change: FileChange): Promise<Result<void>> {
    const sound = checkChange(change);
    if (!sound.ok) return sound;
    if (change.note !== undefined) return noNotes();
    if (change.size !== undefined) return this.#changeContent(path, change);
    return this.#on(path, (held) => {
      applyChange(held.path, change);
      return ok();
    });
  }

  async #changeContent(path: Path, change: FileChange): Promise<Result<void>> {
    const opened = await this.open(path, { read: false, write: true, create: "must", truncate: false });
    if (!opened.ok) return opened;
    const changed = await opened.value.change(change);
    if (changed.ok) return opened.value.close();
    await opened.value.discard();
    return changed;
  }

  async space(): Promise<Result<Space>> {
    return this.#on([], (held) => {
      const { blocks, bavail, bsize } = fs.statfsSync(held.path);
      return ok({ total: blocks * bsize, free: Math.min(bavail, blocks) * bsize });
    });
  }
}

const notPlain = (path: Path): Result<never> =>
  fail("denied", "only plain files are served", { where: pathText(path) });

/** The file that has the name now, held open. A link is not written through: what is written takes a name,
 *  and whose name that is must be plain. */
function openBase(place: NamePlace, path: Path, how: OpenHow): Result<PosixBase | undefined> {
  const named = checkNames(path);
  if (!named.ok) return named;
  const stat = fs.lstatSync(place.path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return how.create === "must" ? noSuch(path) : ok(undefined);
  if (stat.isDirectory()) return isFolder(path);
  if (how.create === "new") return taken(path);
  if (stat.isSymbolicLink())
    return fail("denied", "a link is not written through", { where: pathText(path) });
  if (!stat.isFile()) return notPlain(path);
  const fd = fs.openSync(
    place.path,
    fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK,
  );
  const opened = fs.fstatSync(fd, { bigint: true });
  if (opened.isFile()) return ok({ fd, stat: opened });
  fs.closeSync(fd);
  return notPlain(path);
}

/** What does not fit in the other's place is `exists`, whatever the system calls it. */
function moveOver(source: NamePlace, target: NamePlace, to: Path): Result<void> {
  try {
    fs.renameSync(source.path, target.path);
    return ok();
  } catch (error) {
    if (["EISDIR", "ENOTEMPTY", "EEXIST"].includes(errnoName(error))) return taken(to);
    return errnoName(error) === "ENOTDIR" && exists(target.path)
      ? taken(to)
      : errnoResult(error, pathText(to));
  }
}

function exists(path: Buffer): boolean {
  try {
    fs.lstatSync(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
