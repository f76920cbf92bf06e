import { leaps, type Leap } from "../../proto/ntp/header.ts";
import { ClockFilter, type ClockEstimate } from "./clock-filter.ts";
import { totalOf, type ErrorBudget } from "./error-budget.ts";
import type { Candidate } from "./selection.ts";

export interface RefSourceHow {
  /** For people, and unique. */
  readonly name: string;
  /** Four letters: "GPS", "PPS". */
  readonly letters: string;
  readonly prefer: boolean;
  /** Seconds by which all its readings may be wrong the same way: cable, serial line. */
  readonly uncertainty: number;
}

/** Seconds without a reading after which it has no say. */
const silence = 64;
const leastSamples = 4;
const driftFloor = 1e-6;

/** A reference clock on this host: it speaks when it likes, and there is no way to and fro. */
export class RefSource {
  readonly how: RefSourceHow;
  readonly filter = new ClockFilter();
  readonly dueAt = Number.POSITIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  #leap: Leap = leaps.none;
  #readings = 0;

  constructor(how: RefSourceHow) {
    this.how = how;
  }

  get header() {
    const { uncertainty } = this.how;
    return { stratum: 0, leap: this.#leap, rootDelay: 0, rootDispersion: uncertainty };
  }
  get readings(): number {
    return this.#readings;
  }

  /** A reading: at `at` on the oscillator the clock was ahead of it by `offset` seconds. Whether it was
   *  believed. */
  take(at: number, offset: number, noise: number, leap: -1 | 0 | 1): boolean {
    this.#readings++;
    this.#leap = leap === 0 ? leaps.none : leap > 0 ? leaps.lastMinute61 : leaps.lastMinute59;
    const believed = this.filter.add({ at, offset, delay: 0, noise });
    if (believed) this.#lastAt = at;
    return believed;
  }

  restart(): void {
    this.filter.forget();
  }

  estimate(now: number): ClockEstimate | undefined {
    return this.filter.estimate(now);
  }

  /** Λ by its parts: what its owner says of it, what the estimate may be wrong by, and the drift unseen. */
  budget(now: number, estimate: ClockEstimate): ErrorBudget {
    return {
      provider: this.how.uncertainty,
      transmission: 0,
      estimate: 3 * estimate.offsetError,
      drift: driftFloor * Math.max(0, now - this.#lastAt),
      residual: 0,
    };
  }

  candidate(now: number): Candidate {
    const estimate = this.filter.estimate(now);
    const { name, prefer } = this.how;
    const silent = now - this.#lastAt > silence;
    const unready = this.filter.samples < leastSamples ? "waiting" : undefined;
    return {
      name,
      prefer,
      unusable: this.#readings > 0 && silent ? "unreachable" : unready,
      offset: estimate?.offset ?? 0,
      error: estimate?.offsetError ?? 0,
      rate: estimate?.rate ?? 0,
      rateError: estimate?.rateError ?? 0,
      distance: estimate ? totalOf(this.budget(now, estimate)) : Number.POSITIVE_INFINITY,
      stratum: 0,
    };
  }
}
