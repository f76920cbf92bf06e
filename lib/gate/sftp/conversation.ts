import { nameOf, pathText, type Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Conversation, Session } from "../../base/session.ts";
import type { UnixMs } from "../../base/time.ts";
import type { OpenAsk, Questions, SftpAnswer, SftpAsk } from "../../proto/sftp/asks.ts";
import { SftpSession } from "../../proto/sftp/session.ts";
import type { AuditEntry, AuditVerb } from "../../rules/audit.ts";
import type { Files } from "../../store/files.ts";
import type { FileDoorNeeds, SignedIn } from "../file-door.ts";
import { copyData } from "./copy-data.ts";
import { FileHandle, type FilePace } from "./file-handle.ts";

/** What becomes of the bytes of an upload that broke. */
export type PartialUploads = "drop" | "keep";

interface FolderHandle {
  readonly path: Path;
  after: string | undefined;
}

type Handler<K extends keyof Questions> = (what: Questions[K][0]) => Promise<Result<Questions[K][1]>>;
type Handlers = { readonly [K in keyof Questions]: Handler<K> };

/** Rows in one READDIR's answer: even with the longest names they fit a packet. */
const rowsAtOnce = 200;

/** One SFTP channel of somebody signed in: the engine, and what performs its asks. */
export class SftpConversation implements Conversation<SftpAsk, SftpAnswer> {
  readonly session: Session<SftpAsk, SftpAnswer>;
  readonly #needs: FileDoorNeeds;
  readonly #who: SignedIn;
  readonly #partial: PartialUploads;
  readonly #open = new Map<number, FileHandle>();
  readonly #folders = new Map<number, FolderHandle>();
  readonly #pace: FilePace;
  #nextHandle = 1;
  /** What was moved through handles that are closed. */
  readonly #moved = { in: 0, out: 0 };

  /** `session`: another engine on the same asks, for scp; SFTP's where none is given. */
  constructor(
    needs: FileDoorNeeds,
    who: SignedIn,
    partial: PartialUploads,
    session?: Session<SftpAsk, SftpAnswer>,
  ) {
    this.#needs = needs;
    this.#who = who;
    this.#partial = partial;
    this.#pace = { in: needs.pacer(who.user, "in"), out: needs.pacer(who.user, "out") };
    const wall = (): UnixMs => needs.clock.wall();
    this.session = session ?? new SftpSession({ user: who.user.name, wall });
  }

  perform(ask: SftpAsk): Promise<SftpAnswer> {
    const { kind, ...what } = ask;
    return (this.#handlers[kind] as (what: object) => Promise<SftpAnswer>)(what);
  }

  ended(): void {
    for (const handle of this.#open.values()) void this.#drop(handle);
    this.#open.clear();
  }

  /** What an operator sees of it. */
  facts(): { readonly doing: string; readonly bytesIn: number; readonly bytesOut: number } {
    const handles = [...this.#open.values()];
    const [latest] = handles.slice(-1);
    const sum = (pick: (handle: FileHandle) => number): number =>
      handles.reduce((total, handle) => total + pick(handle), 0);
    return {
      doing: latest ? `${latest.writes ? "writes" : "reads"} ${pathText(latest.path)}` : "idle",
      bytesIn: this.#moved.in + sum((handle) => handle.bytesIn),
      bytesOut: this.#moved.out + sum((handle) => handle.bytesOut),
    };
  }

  readonly #handlers: Handlers = {
    open: (asked) => this.#openFile(asked),
    openFolder: async ({ path }) => {
      const found = await this.#files.stat(path);
      if (!found.ok) return found;
      if (found.value.kind !== "folder") return fail("not-directory", "that is not a folder");
      this.#folders.set(this.#nextHandle, { path, after: "" });
      return ok(this.#nextHandle++);
    },
    close: ({ handle }) => this.#close(handle),
    read: ({ handle, offset, length }) => this.#withFile(handle, (file) => file.read(offset, length)),
    write: ({ handle, offset, data }) => this.#withFile(handle, (file) => file.write(offset, data)),
    flush: ({ handle }) => this.#withFile(handle, (file) => file.flush()),
    rows: ({ handle }) => this.#rows(handle),
    stat: ({ path }) => this.#stat(path),
    statHandle: ({ handle }) => this.#withFile(handle, (file) => file.stat()),
    change: ({ path, change }) => {
      const writing = this.#writing(path);
      if (writing) return writing.change(change);
      return this.#changed("object.write", path, () => this.#files.change(path, change));
    },
    changeHandle: ({ handle, change }) => this.#withFile(handle, (file) => file.change(change)),
    makeFolder: ({ path }) => this.#changed("object.write", path, () => this.#files.makeFolder(path)),
    removeFile: ({ path }) => this.#changed("object.delete", path, () => this.#files.removeFile(path)),
    removeFolder: ({ path }) => this.#changed("object.delete", path, () => this.#files.removeFolder(path)),
    rename: ({ from, to, replace }) =>
      this.#changed("object.rename", from, () => this.#files.rename(from, to, replace)),
    space: () => this.#files.space(),
    copyData: (asked) => copyData(asked, this.#open.get(asked.from), this.#open.get(asked.to)),
  };

  get #files(): Files {
    return this.#who.files;
  }

  async #openFile(asked: OpenAsk): Promise<Result<number>> {
    const { path, read, write, append, create, truncate, mode } = asked;
    const opened = await this.#files.open(path, { read, write, create, truncate });
    if (!opened.ok) return opened;
    if (write && mode !== undefined && create !== "must") await opened.value.change({ mode });
    const how = { write, append, pace: this.#pace, now: this.#needs.clock.now() };
    this.#open.set(this.#nextHandle, new FileHandle(path, opened.value, how));
    return ok(this.#nextHandle++);
  }

  async #close(number: number): Promise<Result<void>> {
    if (this.#folders.delete(number)) return ok();
    const handle = this.#open.get(number);
    if (!handle) return noHandle;
    const done = handle.writes ? await handle.close() : ok(await handle.discard());
    this.#open.delete(number);
    this.#told(handle, done);
    return done;
  }

  /** The channel went while the file was open. */
  async #drop(handle: FileHandle): Promise<void> {
    const keeps = handle.writes && this.#partial === "keep" && handle.bytesIn > 0;
    const kept = keeps ? await handle.close() : ok(await handle.discard());
    this.#told(handle, handle.writes && kept.ok ? fail("truncated", "the channel closed") : kept);
  }

  #told(handle: FileHandle, done: Result<void>): void {
    const { bytesIn, bytesOut } = handle;
    this.#moved.in += bytesIn;
    this.#moved.out += bytesOut;
    const outcome = done.ok ? "ok" : done.fault.code;
    if (handle.writes) this.#needs.tally.transfer("in", bytesIn, outcome);
    if (bytesOut > 0 || !handle.writes) this.#needs.tally.transfer("out", bytesOut, outcome);
    const verb = handle.writes ? "object.write" : "object.read";
    this.#tell(verb, pathText(handle.path), done, { bytes: handle.writes ? bytesIn : bytesOut });
    const { clock } = this.#needs;
    const { actor, user } = this.#who;
    this.#needs.transferred(user, {
      at: clock.wall(),
      ms: Math.round(clock.now() - handle.openedAt),
      user: user.name,
      door: "sftp",
      address: actor.address,
      way: handle.writes ? "in" : "out",
      path: pathText(handle.path),
      bytes: handle.writes ? bytesIn : bytesOut,
      outcome,
    });
  }

  async #rows(number: number): Promise<Result<Questions["rows"][1]>> {
    const folder = this.#folders.get(number);
    if (!folder) return noHandle;
    if (folder.after === undefined) return ok([]);
    const page = await this.#files.list(folder.path, folder.after, rowsAtOnce);
    if (!page.ok) return page;
    folder.after = page.value.next;
    return ok(page.value.rows);
  }

  /** A file this session is writing is seen by it, though nobody else sees it yet. */
  async #stat(path: Path): Promise<Result<Questions["stat"][1]>> {
    const writing = this.#writing(path);
    if (writing) return await writing.stat();
    const found = await this.#files.stat(path);
    return found.ok ? ok({ ...found.value, name: nameOf(path) }) : found;
  }

  #writing(path: Path): FileHandle | undefined {
    for (const handle of this.#open.values()) {
      if (handle.writes && pathText(handle.path) === pathText(path)) return handle;
    }
    return undefined;
  }

  async #withFile<T>(number: number, act: (file: FileHandle) => Promise<Result<T>>): Promise<Result<T>> {
    const file = this.#open.get(number);
    return file ? await act(file) : noHandle;
  }

  async #changed(verb: AuditVerb, path: Path, act: () => Promise<Result<void>>): Promise<Result<void>> {
    const done = await act();
    this.#tell(verb, pathText(path), done);
    return done;
  }

  #tell(verb: AuditVerb, target: string, done: Result<void>, detail: AuditEntry["detail"] = {}): void {
    const { audit, clock, log } = this.#needs;
    const { actor, user } = this.#who;
    const outcome = done.ok ? "ok" : done.fault.code;
    audit.tell({ at: clock.wall(), actor, verb, target, outcome, detail });
    log.info("done", { verb, target, outcome, ...detail, user: user.name, session: actor.request });
  }
}

const noHandle: Result<never> = fail("invalid", "there is no such handle");
