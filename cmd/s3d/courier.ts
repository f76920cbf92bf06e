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
  /** Told when a letter has arrived, and when it is given up. */
  readonly arrived?: (letter: Letter) => Promise<void>;
  readonly buried?: (letter: Letter) => Promise<void>;
  /** How many letters go at once, those about one thing still in their order. Default 1: all in order. */
  readonly lanes?: number;
}

const pageRows = 100;
/** How often a letter may be refused before it is given up. */
const mostRefusals = 4;
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** A letter brought back from the dead is seen this soon. */
const lookMs = 1000;

/** Replicas of one key go in their order; its versions differ after "?". */
const keyOf = ({ about }: Letter): string => about.replace(/\?versionId=[^?]*$/, "");

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
    const { outbox, lanes = 1, arrived } = this.#needs;
    const letters = await outbox.waiting(this.queue, pageRows);
    const rows = lanes === 1 ? [letters] : [...Map.groupBy(letters, keyOf).values()];
    const done: Letter[] = [];
    let idle = letters.length === pageRows ? 0 : lookMs;
    const lane = async (): Promise<void> => {
      for (let row = rows.shift(); row && !signal.aborted; row = rows.shift()) {
        idle = Math.min(idle, await this.#inTurn(row, done, signal));
      }
    };
    try {
      await Promise.all(Array.from({ length: lanes }, lane));
    } finally {
      if (done.length > 0) await outbox.sent(done.map(({ id }) => id));
      for (const letter of done) await arrived?.(letter);
    }
    return done.length > 0 ? 0 : Math.max(idle, 1);
  }

  /** One after the other, up to the first that must wait; gives how long that is, in ms. */
  async #inTurn(letters: readonly Letter[], done: Letter[], signal: AbortSignal): Promise<number> {
    const { clock, outcomes } = this.#needs;
    for (const letter of letters) {
      const wait = letter.dueAt - clock.wall();
      if (wait > 0 || signal.aborted) return Math.max(wait, 1);
      const sending = await this.#needs.send(letter);
      outcomes.add(1, this.queue, sending.kind);
      if (sending.kind === "sent") done.push(letter);
      else if (!(await this.#failed(letter, sending))) return 1;
    }
    return lookMs;
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
