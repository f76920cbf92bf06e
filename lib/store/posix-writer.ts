import * as fs from "node:fs";
import { pathText, type Path } from "../base/path.ts";
import { ok, type Result } from "../base/result.ts";
import { call, readSome, writeAll } from "./file-calls.ts";
import type { FileChange, FileStat, OpenFile, OpenHow } from "./files.ts";
import { checkChange, checkRange, closedFile, notOpenedFor, noNotes } from "./files-checks.ts";
import { errnoResult } from "./posix-errno.ts";
import { publish, syncFolder, type Staged } from "./posix-publish.ts";
import type { NamePlace } from "./posix-root.ts";
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
  /** The folder and name that `path` is now. */
  readonly place: () => Result<NamePlace>;
  /** The file that is written to, without a name where the system can. */
  readonly staged: Staged;
  /** Ends what was held for this. */
  readonly release: () => void;
}

/** A file open to be written: what is written goes to another file, which takes the name when it is
 *  closed. */
export class PosixWriter implements OpenFile {
  readonly file = undefined;
  readonly #needs: PosixWriterNeeds;
  /** The staged file has what was there; until then the base is read. */
  #begun: boolean;
  #size: number;
  #change: FileChange = {};
  /** Something was said of it that needs no new content. */
  #described = false;
  #open = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(needs: PosixWriterNeeds) {
    this.#needs = needs;
    this.#begun = !needs.base || needs.how.truncate;
    this.#size = needs.base && !needs.how.truncate ? Number(needs.base.stat.size) : 0;
  }

  #next<T>(run: () => Promise<Result<T>>): Promise<Result<T>> {
    const mine = this.#turn.then(() => (this.#open ? run() : closedFile()));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  stat(): Promise<Result<FileStat>> {
    return this.#next(async () => {
      const { modifiedAt, mode } = this.#change;
      const stat = statOf(fs.fstatSync(this.#fd, { bigint: true }));
      return ok({
        ...stat,
        size: this.#size,
        modifiedAt: modifiedAt ?? stat.modifiedAt,
        mode: mode === undefined ? this.#mode() : mode & 0o777,
      });
    });
  }

  /** Where the bytes are now. */
  get #fd(): number {
    return this.#begun ? this.#needs.staged.fd : this.#needs.base!.fd;
  }

  #mode(): number {
    const { base } = this.#needs;
    return base ? fs.fstatSync(base.fd).mode & 0o777 : 0o666 & ~process.umask();
  }

  read(offset: number, length: number): Promise<Result<Uint8Array>> {
    return this.#next(async () => {
      if (!this.#needs.how.read) return notOpenedFor("reading");
      const sound = checkRange(offset, length);
      if (!sound.ok) return sound;
      return readSome(this.#fd, offset, Math.max(0, Math.min(length, this.#size - offset)));
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    return this.#next(async () => {
      const sound = checkRange(offset, bytes.length);
      if (!sound.ok) return sound;
      const begun = await this.#begin(this.#size);
      if (!begun.ok) return begun;
      const written = await writeAll(this.#fd, offset, bytes);
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
        const begun = await this.#begin(size);
        if (!begun.ok) return begun;
        const cut = await call((done) => fs.ftruncate(this.#fd, size, done));
        if (!cut.ok) return cut;
        this.#size = size;
      }
      this.#change = { ...this.#change, ...rest };
      this.#described = true;
      return ok();
    });
  }

  /** Copies the first `size` bytes of what was there, once. */
  async #begin(size: number): Promise<Result<void>> {
    if (this.#begun) return ok();
    const { base, staged } = this.#needs;
    const end = Math.min(size, Number(base!.stat.size));
    for (let at = 0; at < end; at += stepBytes) {
      const chunk = await readSome(base!.fd, at, Math.min(stepBytes, end - at));
      const copied = chunk.ok ? await writeAll(staged.fd, at, chunk.value) : chunk;
      if (!copied.ok) return copied;
    }
    this.#begun = true;
    return ok();
  }

  flush(): Promise<Result<void>> {
    return this.#next(async () => {
      return this.#begun ? call((done) => fs.fsync(this.#fd, done)) : ok();
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
    this.#needs.staged.drop();
    if (this.#needs.base) fs.closeSync(this.#needs.base.fd);
    this.#needs.release();
  }

  async #publish(): Promise<Result<void>> {
    const { base, path, staged } = this.#needs;
    if (!this.#begun && base) return this.#describe(base);
    const { fd } = staged;
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
    const place = this.#needs.place();
    if (!place.ok) return place;
    try {
      const named = publish(staged, place.value, base?.stat, path);
      return named.ok ? await syncFolder(place.value.folder.path) : named;
    } finally {
      staged.unname();
      place.value.folder.close();
    }
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
