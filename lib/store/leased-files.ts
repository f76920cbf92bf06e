import { pathText, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Files, OpenFile, OpenHow } from "./files.ts";
import type { Lease, LeaseMode, LeaseRight, Leases } from "./leases.ts";

export interface LeasedFilesNeeds {
  readonly leases: Leases;
  /** What the names of this view begin with: "bucket/" and the prefix. */
  readonly place: string;
  /** A name for each open that nobody else has. */
  readonly newHolder: () => string;
  /** For people: "ftp upload by alice". */
  readonly note: string;
  readonly clock: Clock;
  /** The name is held once more bytes than this were written; 0: from the start. A lease is a durable change,
   *  and what is small is over before anybody could mind. */
  readonly afterBytes: number;
}

/** While somebody writes a file others may read what was there, and neither write, rename nor remove it. */
const writing: LeaseMode = { access: ["write"], shares: ["read"] };
const ttlMs = 600_000;

/** A view whose files in use are known to every other door and daemon, and which knows theirs: who begins to
 *  write what another has open is told at once, not after all was sent. Fault: busy (`where`: the other's
 *  note). What is read needs no lease, for content that is open never changes. */
export function leasedFiles(files: Files, needs: LeasedFilesNeeds): Files {
  const { leases, place } = needs;
  const nameOf = (path: Path): string => place + path.join("/");

  /** Whether everybody who has it open shares `right`. Faults: busy. */
  const free = async (path: Path, right: LeaseRight): Promise<Result<void>> => {
    const holders = await leases.holders(nameOf(path));
    const within = right === "delete" ? await leases.under(`${nameOf(path)}/`, 1000) : [];
    return shared([...holders, ...within], right, path);
  };

  const openToWrite = async (path: Path, how: OpenHow): Promise<Result<OpenFile>> => {
    const may = await free(path, "write");
    if (!may.ok) return may;
    const name = nameOf(path);
    const lease = new HeldName(name, needs);
    const held = needs.afterBytes === 0 ? await lease.use(0) : ok();
    if (!held.ok) return held;
    const opened = await files.open(path, how);
    if (opened.ok) return ok(new LeasedFile(opened.value, lease));
    lease.end();
    return opened;
  };

  return {
    stat: (path) => files.stat(path),
    list: (path, after, limit) => files.list(path, after, limit),
    makeFolder: (path) => files.makeFolder(path),
    removeFolder: (path) => files.removeFolder(path),
    change: async (path, change) => {
      if (change.size === undefined) return files.change(path, change);
      const may = await free(path, "write");
      return may.ok ? files.change(path, change) : may;
    },
    space: () => files.space(),
    ...(files.rights ? { rights: (folder: Path) => files.rights!(folder) } : {}),
    async open(path, how) {
      if (how.write) return openToWrite(path, how);
      const may = await free(path, "read");
      return may.ok ? files.open(path, how) : may;
    },
    async removeFile(path) {
      const may = await free(path, "delete");
      return may.ok ? files.removeFile(path) : may;
    },
    async rename(from, to, replace) {
      for (const path of [from, to]) {
        const may = await free(path, "delete");
        if (!may.ok) return may;
      }
      return files.rename(from, to, replace);
    },
  };
}

function shared(holders: readonly Lease[], right: LeaseRight, path: Path): Result<void> {
  const other = holders.find(({ mode }) => !mode.shares.includes(right));
  if (!other) return ok();
  return fail("busy", `somebody else has it open: ${other.note}`, { where: pathText(path) });
}

/** The lease of one open file: taken once enough was written, renewed as it is used. */
class HeldName {
  readonly #name: string;
  readonly #needs: LeasedFilesNeeds;
  readonly #holder: string;
  #bytes = 0;
  #taken: Promise<Result<unknown>> | undefined;
  #renewedAt = 0;

  constructor(name: string, needs: LeasedFilesNeeds) {
    this.#name = name;
    this.#needs = needs;
    this.#holder = needs.newHolder();
  }

  /** So many bytes more were written. Faults: busy. */
  async use(bytes: number): Promise<Result<void>> {
    const { leases, note, clock, afterBytes } = this.#needs;
    this.#bytes += bytes;
    if (this.#bytes < afterBytes) return ok();
    const [name, holder, now] = [this.#name, this.#holder, clock.now()];
    if (!this.#taken) {
      this.#taken = leases.acquire({ name, holder, mode: writing, note, ttlMs });
      this.#renewedAt = now;
    } else if (now - this.#renewedAt >= ttlMs / 3) {
      // That it has run out is no fault: whoever came between is told of at closing.
      this.#renewedAt = now;
      leases.renew(name, holder, ttlMs).catch(() => undefined);
    }
    const taken = await this.#taken;
    return taken.ok ? ok() : taken;
  }

  /** Nobody waits for this: what this process asks next comes after it, and a lease that stays ends by
   *  itself. */
  end(): void {
    if (this.#taken) this.#needs.leases.release(this.#name, this.#holder).catch(() => undefined);
  }
}

/** An open file that holds its name, and lets go of it at the end. */
class LeasedFile implements OpenFile {
  readonly file: OpenFile["file"];
  readonly #inner: OpenFile;
  readonly #lease: HeldName;

  constructor(inner: OpenFile, lease: HeldName) {
    this.#inner = inner;
    this.#lease = lease;
    this.file = inner.file;
  }

  stat: OpenFile["stat"] = () => this.#inner.stat();
  read: OpenFile["read"] = (offset, length) => this.#inner.read(offset, length);
  flush: OpenFile["flush"] = () => this.#inner.flush();
  change: OpenFile["change"] = (change) => this.#inner.change(change);

  write: OpenFile["write"] = async (offset, bytes) => {
    const held = await this.#lease.use(bytes.length);
    return held.ok ? this.#inner.write(offset, bytes) : held;
  };

  async close(): Promise<Result<void>> {
    const closed = await this.#inner.close();
    this.#lease.end();
    return closed;
  }

  async discard(): Promise<void> {
    await this.#inner.discard();
    this.#lease.end();
  }
}
