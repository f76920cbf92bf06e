import * as fs from "node:fs";
import { pathText, type Path } from "../base/path.ts";
import { ok, type Result } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import { call, readSome, writeAll } from "./file-calls.ts";
import type { FileChange, FileStat, OpenFile, OpenHow } from "./files.ts";
import { checkChange, checkRange, closedFile, notOpenedFor, noNotes } from "./files-checks.ts";
import { errnoResult } from "./posix-errno.ts";
import { publish, syncFolder, type Staged } from "./posix-publish.ts";
import { applyChange, statOf } from "./posix-stat.ts";

const stepBytes = 1 << 20;

/** A file that is there, held open while its successor is written. */
export interface PosixBase {
  readonly fd: number;
  readonly stat: fs.BigIntStats;
}

export interface PosixWriterNeeds {
  readonly path: Path;
  readonly how: OpenHow;
  readonly base: PosixBase | undefined;
  /** Makes the file that is written to, without a name where the system can. */
  readonly stage: () => Result<Staged>;
  /** Ends what was held for this. */
  readonly release: () => void;
}

/** A file open to be written: what is written goes to another file, which takes the name when it is
 *  closed. */
export class PosixWriter implements OpenFile {
  readonly file = undefined;
  readonly #needs: PosixWriterNeeds;
  #staged: Staged | undefined;
  #size: number;
  #change: FileChange = {};
  /** Something was said of it that needs no new content. */
  #described = false;
  #open = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(needs: PosixWriterNeeds) {
    this.#needs = needs;
    this.#size = needs.base && !needs.how.truncate ? Number(needs.base.stat.size) : 0;
  }

  #next<T>(run: () => Promise<Result<T>>): Promise<Result<T>> {
    const mine = this.#turn.then(() => (this.#open ? run() : closedFile()));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  stat(): Promise<Result<FileStat>> {
    return this.#next(async () => {
      const fd = this.#staged?.fd ?? this.#needs.base?.fd;
      const { modifiedAt, mode } = this.#change;
      if (fd === undefined)
        return ok({ ...unmade, size: this.#size, modifiedAt: modifiedAt ?? asUnixMs(Date.now()) });
      const stat = statOf(fs.fstatSync(fd, { bigint: true }));
      return ok({
        ...stat,
        size: this.#size,
        modifiedAt: modifiedAt ?? stat.modifiedAt,
        mode: mode === undefined ? this.#mode() : mode & 0o777,
      });
    });
  }

  #mode(): number {
    const { base } = this.#needs;
    return base ? Number(base.stat.mode) & 0o777 : 0o666 & ~process.umask();
  }

  read(offset: number, length: number): Promise<Result<Uint8Array>> {
    return this.#next(async () => {
      if (!this.#needs.how.read) return notOpenedFor("reading");
      const sound = checkRange(offset, length);
      if (!sound.ok) return sound;
      const fd = this.#staged?.fd ?? this.#needs.base?.fd;
      const most = Math.max(0, Math.min(length, this.#size - offset));
      return fd === undefined || most === 0 ? ok(new Uint8Array(0)) : readSome(fd, offset, most);
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    return this.#next(async () => {
      const sound = checkRange(offset, bytes.length);
      if (!sound.ok) return sound;
      const staged = await this.#begin(this.#size);
      if (!staged.ok) return staged;
      const written = await writeAll(staged.value.fd, offset, bytes);
      if (written.ok && bytes.length > 0) this.#size = Math.max(this.#size, offset + bytes.length);
      return written;
    });
  }

  change(change: FileChange): Promise<Result<void>> {
    return this.#next(async () => {
      const sound = checkChange(change);
      if (!sound.ok) return sound;
      if (change.note !== undefined) return noNotes();
      const { size, ...rest } = change;
      if (size !== undefined) {
        const staged = await this.#begin(size);
        if (!staged.ok) return staged;
        const cut = await call((done) => fs.ftruncate(staged.value.fd, size, done));
        if (!cut.ok) return cut;
        this.#size = size;
      }
      this.#change = { ...this.#change, ...rest };
      this.#described = true;
      return ok();
    });
  }

  /** The file that is written to, with the first `size` bytes of what was there. */
  async #begin(size: number): Promise<Result<Staged>> {
    if (this.#staged) return ok(this.#staged);
    const staged = this.#needs.stage();
    if (!staged.ok) return staged;
    const { base, how } = this.#needs;
    const end = base && !how.truncate ? Math.min(size, Number(base.stat.size)) : 0;
    for (let at = 0; at < end; at += stepBytes) {
      const chunk = await readSome(base!.fd, at, Math.min(stepBytes, end - at));
      const copied = chunk.ok ? await writeAll(staged.value.fd, at, chunk.value) : chunk;
      if (copied.ok) continue;
      staged.value.drop();
      return copied;
    }
    this.#staged = staged.value;
    return staged;
  }

  flush(): Promise<Result<void>> {
    return this.#next(async () => {
      const staged = this.#staged;
      return staged ? call((done) => fs.fsync(staged.fd, done)) : ok();
    });
  }

  close(): Promise<Result<void>> {
    return this.#next(async () => {
      const published = await this.#publish();
      this.#end();
      return published;
    });
  }

  async discard(): Promise<void> {
    await this.#next(async () => {
      this.#end();
      return ok();
    });
  }

  #end(): void {
    this.#open = false;
    this.#staged?.drop();
    if (this.#needs.base) fs.closeSync(this.#needs.base.fd);
    this.#needs.release();
  }

  async #publish(): Promise<Result<void>> {
    const { base, how, path } = this.#needs;
    if (!this.#staged && base && !how.truncate) return this.#describe(base);
    const staged = await this.#begin(0);
    if (!staged.ok) return staged;
    const { fd } = staged.value;
    try {
      if (base) keepOwner(fd, base.stat);
      fs.fchmodSync(fd, this.#change.mode === undefined ? this.#mode() : this.#change.mode & 0o777);
      if (this.#change.modifiedAt !== undefined) {
        fs.futimesSync(fd, new Date(), new Date(this.#change.modifiedAt));
      }
    } catch (error) {
      return errnoResult(error, pathText(path));
    }
    const synced = await call((done) => fs.fsync(fd, done));
    if (!synced.ok) return synced;
    const named = publish(staged.value, base?.stat, path);
    return named.ok ? syncFolder(staged.value.folder) : named;
  }

  #describe(base: PosixBase): Result<void> {
    if (!this.#described) return ok();
    try {
      applyChange(
        process.platform === "linux" ? `/proc/self/fd/${base.fd}` : pathText(this.#needs.path),
        this.#change,
      );
      return ok();
    } catch (error) {
      return errnoResult(error, pathText(this.#needs.path));
    }
  }
}

/** The successor belongs to whom the file did, where we may say so. */
function keepOwner(fd: number, { uid, gid }: fs.BigIntStats): void {
  const mine = fs.fstatSync(fd, { bigint: true });
  if (mine.uid === uid && mine.gid === gid) return;
  try {
    fs.fchownSync(fd, Number(uid), Number(gid));
  } catch {
    // Only root gives files away: it becomes ours.
  }
}

/** What is said of a file that has no bytes yet. */
const unmade: Omit<FileStat, "size" | "modifiedAt"> = {
  kind: "file",
  createdAt: asUnixMs(0),
  mode: 0o644,
  owner: "",
  group: "",
  id: "",
};
