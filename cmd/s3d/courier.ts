import type { Clock } from "../../lib/base/time.ts";
import { asUnixMs } from "../../lib/base/time.ts";
import type { Letter, Outbox } from "../../lib/store/outbox.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Counter } from "../../lib/watch/metrics.ts";
import type { Delivery } from "./targets/target.ts";

export interface CourierNeeds {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** By queue and outcome. */
  readonly outcomes: Counter;
  /** A letter whose addressee cannot be reached is given up at this age. */
  readonly giveUpMs: number;
  readonly send: (letter: Letter) => Promise<Delivery>;
  /** Told when a letter is given up. */
  readonly buried?: (letter: Letter) => Promise<void>;
}

const pageRows = 100;
/** How often a letter may be refused before it is given up. */
const mostRefusals = 4;
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** A letter brought back from the dead is seen this soon. */
const lookMs = 1000;

/** Carries the letters of one queue, in their order: the next goes when the one before has arrived or was
 *  given up. What cannot be reached is tried again with growing pauses, and holds up what comes after. */
export class Courier {
  readonly queue: string;
  readonly #needs: CourierNeeds;
  #poked = false;
  #wake: () => void = () => {};

  constructor(queue: string, needs: CourierNeeds) {
    this.queue = queue;
    this.#needs = needs;
  }

  /** There may be something to carry. */
  poke(): void {
    this.#poked = true;
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.poke(), { once: true });
    while (!signal.aborted) {
      try {
        const idle = await this.#round(signal);
        if (idle > 0) await this.#rest(Math.min(idle, lookMs), signal);
      } catch (error) {
        this.#needs.log.error("courier failed", { queue: this.queue, error: String(error) });
        await this.#rest(lookMs, signal);
      }
    }
  }

  /** Sends what is due; gives how long there is nothing to do, in ms. */
  async #round(signal: AbortSignal): Promise<number> {
    const { outbox, clock, outcomes } = this.#needs;
    const letters = await outbox.waiting(this.queue, pageRows);
    const arrived: number[] = [];
    try {
      for (const letter of letters) {
        const wait = letter.dueAt - clock.wall();
        if (wait > 0 || signal.aborted) return Math.max(wait, 1);
        const done = await this.#needs.send(letter);
        outcomes.add(1, this.queue, done.kind);
        if (done.kind === "sent") arrived.push(letter.id);
        else if (!(await this.#failed(letter, done))) return 1;
      }
    } finally {
      if (arrived.length > 0) await outbox.sent(arrived);
    }
    return letters.length === pageRows ? 0 : lookMs;
  }

  /** Whether to go on with the next one. */
  async #failed(letter: Letter, done: Exclude<Delivery, { kind: "sent" }>): Promise<boolean> {
    const { outbox, clock, log, giveUpMs } = this.#needs;
    const now = clock.wall();
    const over = done.kind === "refused" ? letter.attempts + 1 >= mostRefusals : now - letter.at > giveUpMs;
    const { queue, about } = letter;
    if (over) {
      await outbox.bury(letter.id, done.why);
      log.warn("delivery given up", { queue, about, why: done.why });
      await this.#needs.buried?.(letter);
      return true;
    }
    if (letter.attempts === 0) log.warn("delivery failed, will be tried again", { queue, why: done.why });
    const pause = Math.min(firstPauseMs * 2 ** letter.attempts, longestPauseMs);
    await outbox.failed(letter.id, done.why, asUnixMs(now + pause));
    return false;
  }

  #rest(ms: number, signal: AbortSignal): Promise<void> {
    const poked = this.#poked;
    this.#poked = false;
    if (signal.aborted || poked) return Promise.resolve();
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
