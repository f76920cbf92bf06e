import type { Fault } from "../../lib/base/fault.ts";
import { ok, type Result } from "../../lib/base/result.ts";
import type { KeeperEvent } from "../../lib/gate/time/keeper.ts";
import type { SymmetricKey } from "../../lib/proto/ntp/keys.ts";
import type { UtcdConfig } from "./config.ts";
import { TimeKeeping, type KeepTimeHow } from "./keep-time.ts";

/** The keeping of time, which begins with the first source: at the start, or at a reload that names one. */
export class Kept implements AsyncDisposable {
  /** Undefined while there has been no source. */
  keeping: TimeKeeping | undefined;
  /** Resolves with the reason when the clock must not be kept any longer. */
  readonly failed: Promise<Fault>;
  /** Told whatever the keeper does. */
  readonly watchers: ((event: KeeperEvent) => void)[] = [];
  readonly #how: Omit<KeepTimeHow, "clock" | "keys" | "tell">;
  readonly #fail: (fault: Fault) => void;

  constructor(how: Omit<KeepTimeHow, "clock" | "keys" | "tell">) {
    this.#how = how;
    const { promise, resolve } = Promise.withResolvers<Fault>();
    this.failed = promise;
    this.#fail = resolve;
  }

  /** Follows what the configuration says now; with a fault it goes on as before. Faults: invalid (a line),
   *  not-found (a key, a CA file), unsupported. */
  async take(clock: UtcdConfig["clock"], keys: readonly SymmetricKey[]): Promise<Result<void>> {
    if (this.keeping) return await this.keeping.take(clock, keys);
    const { role } = this.#how.ptp;
    if (clock.servers.length + clock.refclocks.length === 0 && role !== "slave") return ok();
    const begun = await TimeKeeping.begin({ ...this.#how, clock, keys, tell: (event) => this.#tell(event) });
    if (!begun.ok) return begun;
    this.keeping = begun.value;
    return ok();
  }

  #tell(event: KeeperEvent): void {
    for (const watcher of this.watchers) watcher(event);
    if (event.what === "panic") this.#fail(event.fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keeping?.[Symbol.asyncDispose]();
  }
}
