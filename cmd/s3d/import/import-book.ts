import type { ImportStart, Imports, ImportView } from "../../../lib/admin/imports-panel.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import { fail, ok, type Result } from "../../../lib/base/result.ts";
import type { Clock } from "../../../lib/base/time.ts";
import type { Objects } from "../../../lib/store/objects.ts";
import type { Remotes } from "../../../lib/store/remotes.ts";
import type { Log } from "../../../lib/watch/log.ts";
import { importBucket, type ImportCount } from "./import-bucket.ts";

export interface ImportBookNeeds {
  readonly objects: Objects;
  readonly remotes: Pick<Remotes, "open">;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

interface Entry {
  readonly id: string;
  readonly ask: ImportStart;
  readonly begunAt: string;
  readonly count: ImportCount;
  readonly stop: AbortController;
  state: ImportView["state"];
  why: string | null;
  endedAt: string | null;
  running: Promise<void>;
}

/** Imports that are remembered; the oldest that has ended goes first. */
const mostEntries = 100;

/** The imports of this daemon. Disposing stops them; begun again, each goes on where it was. */
export class ImportBook implements Imports, AsyncDisposable {
  readonly #needs: ImportBookNeeds;
  readonly #entries = new Map<string, Entry>();

  constructor(needs: ImportBookNeeds) {
    this.#needs = needs;
  }

  async start(ask: ImportStart): Promise<Result<ImportView>> {
    const { remotes, clock, newId } = this.#needs;
    const remote = await remotes.open(ask.remote);
    if (!remote.ok) return remote;
    const running = [...this.#entries.values()].find(
      (one) => one.state === "running" && one.ask.to === ask.to,
    );
    if (running) return fail("busy", "an import into this bucket runs already", { where: ask.to });
    const entry: Entry = {
      id: newId(),
      ask,
      begunAt: new Date(clock.wall()).toISOString(),
      count: { versions: 0, bytes: 0, there: 0, failed: 0, failures: [] },
      stop: new AbortController(),
      state: "running",
      why: null,
      endedAt: null,
      running: Promise.resolve(),
    };
    this.#forgetOld();
    this.#entries.set(entry.id, entry);
    entry.running = this.#run(entry, remote.value);
    return ok(viewOf(entry));
  }

  async #run(entry: Entry, remote: Awaited<ReturnType<Remotes["open"]>> extends Result<infer R> ? R : never) {
    const { objects, clock, log } = this.#needs;
    const { ask, count } = entry;
    const source = { remote, bucket: ask.bucket, clock, signal: entry.stop.signal };
    let fault: Fault | undefined;
    try {
      const done = await importBucket({ ...ask, source, objects }, count);
      fault = done.ok ? undefined : done.fault;
    } catch (error) {
      log.error("import failed", { import: entry.id, error: String(error) });
      fault = { code: "io", what: "an internal error: the daemon's log tells it" };
    }
    entry.state = entry.stop.signal.aborted ? "stopped" : fault ? "failed" : "done";
    entry.why = fault?.what ?? null;
    entry.endedAt = new Date(clock.wall()).toISOString();
    const { versions, bytes, there, failed } = count;
    log.info("import ended", { bucket: ask.to, state: entry.state, versions, bytes, there, failed });
  }

  #forgetOld(): void {
    for (const [id, { state }] of this.#entries) {
      if (this.#entries.size < mostEntries) return;
      if (state !== "running") this.#entries.delete(id);
    }
  }

  all(): readonly ImportView[] {
    return [...this.#entries.values()].map(viewOf);
  }

  one(id: string): Result<ImportView> {
    const entry = this.#entries.get(id);
    return entry ? ok(viewOf(entry)) : fail("not-found", "there is no such import", { where: id });
  }

  stop(id: string): Result<ImportView> {
    this.#entries.get(id)?.stop.abort();
    return this.one(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.#entries.values()) stop.abort();
    await Promise.all([...this.#entries.values()].map(({ running }) => running));
  }
}

function viewOf({ id, ask, count, state, why, begunAt, endedAt }: Entry): ImportView {
  const { remote, bucket, to, prefix } = ask;
  const failures = [...count.failures];
  return { id, remote, bucket, to, prefix, state, why, ...count, failures, begunAt, endedAt };
}
