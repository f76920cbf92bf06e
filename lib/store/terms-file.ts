import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Instant } from "../base/time.ts";
import type { Terms, TermsBook } from "../rules/terms.ts";

/** Terms of use, by whom they are for. */
export interface TermsKeeper {
  /** As they are now; what another process changes is seen within half a second. */
  book(): TermsBook;
  /** Undefined: those of `who` are no more. Durable when it returns. */
  set(who: string, terms: Terms | undefined): void;
}

const lookMs = 500;

/** Kept in `<data>/terms.json`, which an operator may read and a backup takes along. Throws where the file is
 *  no such book. */
export function termsFile(data: string, clock: Clock): TermsKeeper {
  return new TermsFile(join(data, "terms.json"), clock);
}

class TermsFile implements TermsKeeper {
  readonly #path: string;
  readonly #clock: Clock;
  #book: TermsBook = new Map();
  #seen = "";
  #lookAt: Instant | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#read(this.#stamp());
  }

  book(): TermsBook {
    const now = this.#clock.now();
    if (this.#lookAt !== undefined && now - this.#lookAt < lookMs) return this.#book;
    this.#lookAt = now;
    const stamp = this.#stamp();
    if (stamp !== this.#seen) this.#read(stamp);
    return this.#book;
  }

  set(who: string, terms: Terms | undefined): void {
    this.#read(this.#stamp());
    const next = new Map(this.#book);
    if (terms) next.set(who, terms);
    else next.delete(who);
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
