import { join } from "node:path";
import type { ScrubBook, ScrubState } from "../lib/admin/upkeep-panel.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { tryHold } from "../lib/store/exclusive.ts";
import type { Store } from "../lib/store/open.ts";
import type { Boot } from "./boot.ts";
import { pause } from "./pause.ts";
import type { UpkeepConfig } from "./upkeep-section.ts";

type House = Pick<Boot<readonly []>, "clock" | "log" | "metrics" | "data">;

const hourMs = 3_600_000;
const lookMs = 60_000;
/** After a start the house has better things to do. */
const settleMs = 30_000;
const uploadsMs = 7 * 24 * hourMs;

/** Keeps the house sound while it runs: tidies every hour, scrubs at times. Of the daemons that have the
 *  data open one does it, whichever holds the lock; a round that is asked for runs where it was asked. */
export class HouseUpkeep implements ScrubBook, AsyncDisposable {
  readonly #house: House;
  readonly #store: Pick<Store, "scrubber" | "tidier">;
  readonly #config: UpkeepConfig;
  readonly #stop = new AbortController();
  readonly #working: Promise<void>;
  readonly #total = { bodies: 0, bytes: 0, found: 0 };
  #round: Promise<void> | undefined;
  #state: Omit<ScrubState, "finishedAt"> = idle;

  constructor(house: House, store: Pick<Store, "scrubber" | "tidier">, config: UpkeepConfig) {
    this.#house = house;
    this.#store = store;
    this.#config = config;
    const { metrics } = house;
    const total = this.#total;
    metrics.observed(
      "holdfast_scrub_bodies_total",
      "Bodies compared with their checksum.",
      () => total.bodies,
    );
    metrics.observed("holdfast_scrub_bytes_total", "Bytes read for that.", () => total.bytes);
    metrics.observed("holdfast_scrub_damaged_total", "Bodies found damaged.", () => total.found);
    this.#working = this.#work();
  }

  async state(): Promise<ScrubState> {
    return { ...this.#state, finishedAt: await this.#store.scrubber.finishedAt() };
  }

  damaged: ScrubBook["damaged"] = () => this.#store.scrubber.damaged();

  /** Faults: busy. */
  async start(bytesPerSecond: number): Promise<Result<ScrubState>> {
    if (this.#round) return fail("busy", "a round is under way already");
    void this.#scrub(bytesPerSecond);
    return ok(await this.state());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#working;
    await this.#round;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    await pause(settleMs, signal);
    const lock = join(this.#house.data, "run", "upkeep.lock");
    for (let tidiedAt = -Infinity; !signal.aborted; await pause(lookMs, signal)) {
      const held = tryHold(lock);
      if (!held.ok) continue;
      using _turn = held.value;
      if (tidiedAt + hourMs <= this.#house.clock.now()) {
        tidiedAt = this.#house.clock.now();
        await this.#tidy();
      }
      if (!this.#round && (await this.#isDue())) await this.#scrub(this.#config.scrubPace);
    }
  }

  async #tidy(): Promise<void> {
    const { log } = this.#house;
    try {
      const how = { changesMs: this.#config.keepChanges, uploadsMs, signal: this.#stop.signal };
      const { changes, uploads, outrun } = await this.#store.tidier.tidy(how);
      if (changes + uploads > 0) log.info("tidied", { changes, uploads });
      if (outrun.length > 0) log.warn("readers of the change feed came too late", { who: outrun.join(" ") });
    } catch (error) {
      log.error("tidying failed", { error: String(error) });
    }
  }

  async #isDue(): Promise<boolean> {
    const { scrubEvery } = this.#config;
    const last = await this.#store.scrubber.finishedAt();
    return scrubEvery > 0 && (last === undefined || last + scrubEvery <= this.#house.clock.wall());
  }

  #scrub(bytesPerSecond: number): Promise<void> {
    this.#round = this.#oneRound(bytesPerSecond).finally(() => {
      this.#round = undefined;
      this.#state = { ...this.#state, running: false };
    });
    return this.#round;
  }

  async #oneRound(bytesPerSecond: number): Promise<void> {
    const { clock, log } = this.#house;
    const total = this.#total;
    const before = { ...total };
    this.#state = { ...idle, running: true, startedAt: clock.wall() };
    try {
      const report = await this.#store.scrubber.run({
        bytesPerSecond,
        signal: this.#stop.signal,
        told: (progress) => {
          this.#state = { ...this.#state, ...progress };
          total.bodies = before.bodies + progress.bodies;
          total.bytes = before.bytes + progress.bytes;
          total.found = before.found + progress.found;
        },
      });
      const { bodies, bytes, damaged, healed, orphans, finished } = report;
      if (finished) this.#state = { ...this.#state, share: 1 };
      log.info("scrubbed", { bodies, bytes, damaged: damaged.length, healed, orphans, finished });
    } catch (error) {
      log.error("scrubbing failed", { error: String(error) });
    }
  }
}

const idle = { running: false, startedAt: undefined, bodies: 0, bytes: 0, found: 0, share: 0 } as const;
