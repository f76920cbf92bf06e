import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import type { Clock, Instant } from "../base/time.ts";

/** A few entries by name, that operators change while daemons read them. */
export interface Book<T> {
  /** As they are now; what another process changes is seen within half a second. */
  book(): ReadonlyMap<string, T>;
  /** Undefined: there is none of that name any more. Durable when it returns. */
  set(name: string, entry: T | undefined): void;
}

const lookMs = 500;

/** Kept in one JSON file, which an operator may read and a backup takes along. Throws where the file is no
 *  such book. */
export function keptBook<T>(path: string, clock: Clock): Book<T> {
  return new KeptBook<T>(path, clock);
}

/** Opened when it is first asked for: a book that cannot be read is no reason not to start. */
export function lazyBook<T>(path: string, clock: Clock): Book<T> {
  let kept: Book<T> | undefined;
  const open = (): Book<T> => (kept ??= keptBook<T>(path, clock));
  return { book: () => open().book(), set: (name, entry) => open().set(name, entry) };
}

class KeptBook<T> implements Book<T> {
  readonly #path: string;
  readonly #clock: Clock;
  #book: ReadonlyMap<string, T> = new Map();
  #seen = "";
  #lookAt: Instant | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#read(this.#stamp());
  }

  book(): ReadonlyMap<string, T> {
    const now = this.#clock.now();
    if (this.#lookAt !== undefined && now - this.#lookAt < lookMs) return this.#book;
    this.#lookAt = now;
    const stamp = this.#stamp();
    if (stamp !== this.#seen) this.#read(stamp);
    return this.#book;
  }

  set(name: string, entry: T | undefined): void {
    this.#read(this.#stamp());
    const next = new Map(this.#book);
    if (entry) next.set(name, entry);
    else next.delete(name);
    const draft = `${this.#path}.${process.pid}`;
    const fd = openSync(draft, "w", 0o600);
    writeSync(fd, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, this.#path);
    this.#book = next;
    this.#seen = this.#stamp();
  }

  /** Changes whenever the file does: each writing makes a new one. */
  #stamp(): string {
    const { ino = 0, mtimeMs = 0 } = statSync(this.#path, { throwIfNoEntry: false }) ?? {};
    return `${ino} ${mtimeMs}`;
  }

  #read(stamp: string): void {
    this.#seen = stamp;
    if (stamp === "0 0") this.#book = new Map();
    else this.#book = new Map(Object.entries(JSON.parse(readFileSync(this.#path, "utf8")) as object));
  }
}
