import type { Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { FileChange, Files, FileStat, OpenFile } from "../../store/files.ts";
import { attribute } from "../../proto/smb/create.ts";
import type { FileTime } from "../../proto/smb/filetime.ts";
import type { Away, Hold } from "./hold.ts";
import { keptTime, noteOf, noteOver, noteText, type FileNote } from "./note.ts";
import { RangeLocks } from "./range-locks.ts";
import { Turns } from "./turns.ts";
import type { Watch } from "./watch.ts";

/** What a node knows of each handle on it. */
export interface Handle {
  readonly access: number;
  readonly share: number;
  watch: Watch | undefined;
  hold: Hold | undefined;
  away: Away | undefined;
}

export interface StreamBase {
  readonly node: Node;
  name: string;
}

/** How a node comes to be: by a file made just now, as the stream of another. */
export interface NodeOrigin {
  readonly made?: OpenFile | undefined;
  readonly base?: StreamBase | undefined;
}

/** One file or folder that somebody has open, as all who have it open see it. What one handle writes the
 *  others read at once; the store publishes it when the last writing handle closes. */
export class Node {
  readonly place: string;
  path: Path;
  readonly isFolder: boolean;
  readonly opens = new Set<Handle>();
  /** What clients may keep to themselves of it. */
  readonly holds = new Set<Hold>();
  readonly locks = new RangeLocks();
  /** Goes with its last handle; nobody opens it any more. */
  deletePending = false;
  /** Made here, and not yet under its name in the store. */
  isNew: boolean;
  /** What SMB knows of it beside the store. */
  known: FileNote = {};
  /** A client has set the time of writing: it stays until the handle that set it is closed. */
  keepsWritten = false;
  #unkept = false;
  readonly #turns = new Turns();
  #file: OpenFile | undefined;
  #writing = false;

  /** Of a stream: the file that it is a stream of, and its name there. */
  readonly base: StreamBase | undefined;
  /** Streams of this file that somebody has open. */
  readonly streams = new Set<Node>();

  constructor(place: string, path: Path, isFolder: boolean, { made, base }: NodeOrigin = {}) {
    this.place = place;
    this.path = path;
    this.isFolder = isFolder;
    this.base = base;
    base?.node.streams.add(this);
    this.isNew = made !== undefined;
    this.#file = made;
    this.#writing = made !== undefined;
  }

  /** Opens the bytes, so that a refusal is told now. Faults: those of `Files.open`. */
  prepare(files: Files, write: boolean): Promise<Result<OpenFile>> {
    return this.#turns.take(() => this.#opened(files, write));
  }

  stat(files: Files): Promise<Result<FileStat>> {
    return this.#turns.share(() => (this.#file && this.#writing ? this.#file.stat() : files.stat(this.path)));
  }

  read(files: Files, offset: number, length: number): Promise<Result<Uint8Array>> {
    if (!this.#file) return this.#turns.take(() => this.#readNow(files, offset, length));
    return this.#turns.share(() => this.#readNow(files, offset, length));
  }

  async #readNow(files: Files, offset: number, length: number): Promise<Result<Uint8Array>> {
    const opened = this.#file ? ok(this.#file) : await this.#opened(files, false);
    return opened.ok ? opened.value.read(offset, length) : opened;
  }

  write(files: Files, offset: number, bytes: Uint8Array): Promise<Result<void>> {
    return this.#turns.take(async () => {
      const opened = await this.#opened(files, true);
      return opened.ok ? opened.value.write(offset, bytes) : opened;
    });
  }

  /** Its bytes were changed at `now`. */
  touched(now: FileTime): void {
    this.learn(this.keepsWritten ? { changed: now } : { written: now, changed: now, accessed: now });
  }

  /** Knows better from now on; kept with the file when it is published, or by `keep`. */
  learn(note: FileNote): void {
    if (this.base) return; // a stream has no attributes and times but those of its file
    this.known = noteOver(this.known, note);
    this.#unkept = true;
  }

  /** Has the store keep what is known, unless it is being written: then it is kept with the bytes. */
  keep(files: Files): Promise<Result<void>> {
    if (this.base) return Promise.resolve(ok());
    return this.#turns.take(async () => {
      if (this.#file && this.#writing) return ok();
      const stat = await files.stat(this.path);
      if (!stat.ok) return stat;
      const change = this.#keeping(stat.value);
      const kept = await files.change(this.path, change);
      if (kept.ok || kept.fault.code !== "unsupported") return kept;
      const { note: _, ...plain } = change;
      return files.change(this.path, plain);
    });
  }

  #keeping(stat: FileStat): FileChange {
    this.#unkept = false;
    const { attributes, written } = this.known;
    const mode = (attributes ?? 0) & attribute.readOnly ? 0o444 : 0o644;
    return {
      note: noteText(noteOver(noteOf(stat), this.known)),
      ...(written === undefined ? {} : { modifiedAt: keptTime(written) }),
      ...(attributes === undefined || this.isFolder ? {} : { mode }),
    };
  }

  /** Of a file that is being written the change is published with the bytes. */
  change(files: Files, change: FileChange): Promise<Result<void>> {
    return this.#turns.take(async () => {
      if (change.size !== undefined) {
        const opened = await this.#opened(files, true);
        return opened.ok ? opened.value.change(change) : opened;
      }
      return this.#file && this.#writing ? this.#file.change(change) : files.change(this.path, change);
    });
  }

  flush(): Promise<Result<void>> {
    return this.#turns.take(async () => (this.#file && this.#writing ? this.#file.flush() : ok()));
  }

  /** Gives what was written its name. Faults: those of `OpenFile.close`. */
  publish(): Promise<Result<void>> {
    return this.#turns.take(() => this.#published());
  }

  /** Runs `work` while the store has everything under this node's name and nothing of it open. */
  settled(work: () => Promise<Result<void>>): Promise<Result<void>> {
    return this.#turns.take(async () => {
      const published = await this.#published();
      return published.ok ? work() : published;
    });
  }

  /** Forgets what was not published. */
  discard(): Promise<void> {
    return this.#turns.take(async () => {
      const file = this.#file;
      this.#file = undefined;
      this.#writing = false;
      await file?.discard();
    });
  }

  async #published(): Promise<Result<void>> {
    const file = this.#file;
    this.#file = undefined;
    const wrote = this.#writing;
    this.#writing = false;
    if (!file) return ok();
    if (wrote && this.#unkept) await this.#note(file);
    const closed = await file.close();
    if (wrote && closed.ok) this.isNew = false;
    return closed;
  }

  async #note(file: OpenFile): Promise<void> {
    const stat = await file.stat();
    if (!stat.ok) return;
    const change = this.#keeping(stat.value);
    const noted = await file.change(change);
    if (noted.ok || noted.fault.code !== "unsupported") return;
    const { note: _, ...plain } = change;
    await file.change(plain);
  }

  async #opened(files: Files, write: boolean): Promise<Result<OpenFile>> {
    if (this.#file && (this.#writing || !write)) return ok(this.#file);
    if (this.isFolder) return fail("is-directory", "a folder has no bytes");
    const opened = await files.open(this.path, { read: true, write, create: "must", truncate: false });
    if (!opened.ok) return opened;
    const before = this.#file;
    this.#file = opened.value;
    this.#writing = write;
    await before?.close();
    return opened;
  }
}
