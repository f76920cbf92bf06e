import type { Database } from "bun:sqlite";
import type { Clock, Instant } from "../../base/time.ts";

/** How long another process's change may go unseen, in milliseconds. */
const lookMs = 500;
const mostEntries = 10_000;

/** What was looked up of users, keys, tokens and grants. Forgotten at once when this process changes any of
 *  them, and within half a second when another does: each change counts up one row of the catalog. */
export class IdentityCache {
  readonly #clock: Clock;
  readonly #counter;
  readonly #entries = new Map<string, unknown>();
  #seen = -1;
  #lookAt: Instant | undefined;

  constructor(read: Database, clock: Clock) {
    this.#clock = clock;
    this.#counter = read.prepare<{ value: number }, []>(
      "SELECT value FROM counters WHERE name = 'identities'",
    );
  }

  /** What was found under `name`, or what `find` finds now. Nothing (undefined) is not remembered. */
  get<T>(name: string, find: () => T | undefined): T | undefined {
    this.#look();
    const known = this.#entries.get(name) as T | undefined;
    if (known !== undefined) return known;
    const found = find();
    if (found === undefined) return undefined;
    if (this.#entries.size >= mostEntries) this.#entries.clear();
    this.#entries.set(name, found);
    return found;
  }

  forget(): void {
    this.#entries.clear();
  }

  #look(): void {
    const now = this.#clock.now();
    if (this.#lookAt !== undefined && now - this.#lookAt < lookMs) return;
    this.#lookAt = now;
    const value = this.#counter.get()?.value ?? 0;
    if (value !== this.#seen) this.#entries.clear();
    this.#seen = value;
  }
}
