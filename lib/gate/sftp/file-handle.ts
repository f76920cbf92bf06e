import { concat, empty } from "../../base/bytes.ts";
import type { Listed } from "../../base/long-listing.ts";
import { nameOf, type Path } from "../../base/path.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Instant } from "../../base/time.ts";
import type { Change } from "../../proto/sftp/asks.ts";
import type { OpenFile } from "../../store/files.ts";
import type { Pacer } from "../file-door.ts";

/** What is read ahead of a client that asks for 32 KiB at a time. */
const readAheadBytes = 512 << 10;
/** What is gathered of a client's small writes before the store gets them. */
const gatherBytes = 1 << 20;

/** What holds back a session's reads and writes. */
export interface FilePace {
  readonly in: Pacer | undefined;
  readonly out: Pacer | undefined;
}

interface HandleHow {
  readonly write: boolean;
  /** Writes go to the end, whatever their offset. */
  readonly append: boolean;
  readonly pace: FilePace;
  readonly now: Instant;
}

/** One open file of one session. Clients ask for many small pieces at once: here they come one after
 *  another, in the order asked, reads ahead of time and writes gathered. A gathered write that fails is told
 *  by the next operation, at the latest by `close`. */
export class FileHandle {
  readonly path: Path;
  readonly writes: boolean;
  readonly #file: OpenFile;
  readonly #append: boolean;
  readonly #pace: FilePace;
  #last: Promise<unknown> = Promise.resolve();
  #ahead: { readonly at: number; readonly bytes: Uint8Array } | undefined;
  #gathered: Uint8Array[] = [];
  #gatheredAt = 0;
  #gatheredBytes = 0;
  #failed: Result<never> | undefined;
  readonly openedAt: Instant;
  bytesIn = 0;
  bytesOut = 0;

  constructor(path: Path, file: OpenFile, how: HandleHow) {
    this.path = path;
    this.#file = file;
    this.writes = how.write;
    this.#append = how.append;
    this.#pace = how.pace;
    this.openedAt = how.now;
  }

  read(offset: number, length: number): Promise<Result<Uint8Array>> {
    return this.#inTurn(async () => {
      const settled = await this.#settle();
      if (!settled.ok) return settled;
      const known = this.#known(offset, length);
      if (known) return await this.#counted(known);
      const got = await this.#file.read(offset, Math.max(length, readAheadBytes));
      if (!got.ok) return got;
      this.#ahead = { at: offset, bytes: got.value };
      return await this.#counted(got.value.subarray(0, length));
    });
  }

  /** What was read ahead, where it holds all of it. */
  #known(offset: number, length: number): Uint8Array | undefined {
    const { at = 0, bytes = empty } = this.#ahead ?? {};
    if (offset < at || offset + length > at + bytes.length) return undefined;
    return bytes.subarray(offset - at, offset - at + length);
  }

  async #counted(bytes: Uint8Array): Promise<Result<Uint8Array>> {
    const passed = await this.#pace.out?.pass(bytes.length);
    if (passed?.ok === false) return passed;
    this.bytesOut += bytes.length;
    return ok(bytes);
  }

  write(offset: number, data: Uint8Array): Promise<Result<void>> {
    return this.#inTurn(async () => {
      if (this.#failed) return this.#failed;
      this.#ahead = undefined;
      const passed = await this.#pace.in?.pass(data.length);
      if (passed?.ok === false) return passed;
      this.bytesIn += data.length;
      const at = this.#append ? await this.#end() : ok(offset);
      if (!at.ok) return at;
      const follows = at.value === this.#gatheredAt + this.#gatheredBytes && this.#gatheredBytes > 0;
      if (!follows) {
        const settled = await this.#settle();
        if (!settled.ok) return settled;
        this.#gatheredAt = at.value;
      }
      this.#gathered.push(data);
      this.#gatheredBytes += data.length;
      return this.#gatheredBytes >= gatherBytes ? await this.#settle() : ok();
    });
  }

  async #end(): Promise<Result<number>> {
    if (this.#gatheredBytes > 0) return ok(this.#gatheredAt + this.#gatheredBytes);
    const found = await this.#file.stat();
    return found.ok ? ok(found.value.size) : found;
  }

  /** Gives the store what was gathered. */
  async #settle(): Promise<Result<void>> {
    if (this.#failed) return this.#failed;
    if (this.#gatheredBytes === 0) return ok();
    // Always a copy: what came is a view of the channel's memory, and the store keeps what it is given.
    const bytes = concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    const written = await this.#file.write(this.#gatheredAt, bytes);
    if (!written.ok) this.#failed = written;
    return written;
  }

  stat(): Promise<Result<Listed>> {
    return this.#after(async () => {
      const found = await this.#file.stat();
      return found.ok ? ok({ ...found.value, name: nameOf(this.path) }) : found;
    });
  }

  change(change: Change): Promise<Result<void>> {
    return this.#after(() => {
      this.#ahead = undefined;
      return this.#file.change(change);
    });
  }

  flush(): Promise<Result<void>> {
    return this.#after(() => this.#file.flush());
  }

  /** Publishes what was written. */
  close(): Promise<Result<void>> {
    return this.#inTurn(async () => {
      const settled = await this.#settle();
      if (settled.ok) return await this.#file.close();
      await this.#file.discard();
      return settled;
    });
  }

  /** Forgets what was written. */
  discard(): Promise<void> {
    return this.#inTurn(() => this.#file.discard());
  }

  #after<T>(act: () => Promise<Result<T>>): Promise<Result<T>> {
    return this.#inTurn(async () => {
      const settled = await this.#settle();
      return settled.ok ? await act() : settled;
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
