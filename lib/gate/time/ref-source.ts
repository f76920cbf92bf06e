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
  /** Nobody can tell whether it is who it says: others must agree with it. */
  readonly needsWitness?: boolean;
}

/** What a clock says of itself, where it is not this host's own. */
export interface RefClaim {
  /** 0: itself a reference. */
  readonly stratum: number;
  /** Seconds. */
  readonly uncertainty: number;
  /** What is wrong with it, if something is. */
  readonly usable: boolean;
}

/** A reading: at `at` on the oscillator the clock was ahead of it by `offset` seconds. */
export interface RefSample {
  readonly at: number;
  readonly offset: number;
  /** Standard deviation. */
  readonly noise: number;
  readonly leap: -1 | 0 | 1;
  /** Seconds of the way there and back, where the clock is not on this host. */
  readonly delay?: number;
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
  #claim: RefClaim;

  constructor(how: RefSourceHow) {
    this.how = how;
    this.#claim = { stratum: 0, uncertainty: how.uncertainty, usable: true };
  }

  get header() {
    const { stratum, uncertainty } = this.#claim;
    return { stratum, leap: this.#leap, rootDelay: 0, rootDispersion: uncertainty };
  }

  /** What it says of itself from now on. */
  claims(claim: RefClaim): void {
    this.#claim = claim;
  }
  get readings(): number {
    return this.#readings;
  }

  /** Whether it was believed. */
  take({ at, offset, noise, leap, delay = 0 }: RefSample): boolean {
    this.#readings++;
    this.#leap = leap === 0 ? leaps.none : leap > 0 ? leaps.lastMinute61 : leaps.lastMinute59;
    const believed = this.filter.add({ at, offset, delay, noise });
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
      provider: this.#claim.uncertainty,
      transmission: this.filter.recentDelay / 2,
      estimate: 3 * estimate.offsetError,
      drift: driftFloor * Math.max(0, now - this.#lastAt),
      residual: 0,
    };
  }

  candidate(now: number): Candidate {
    const estimate = this.filter.estimate(now);
    const { name, prefer, needsWitness = false } = this.how;
    const { stratum, usable } = this.#claim;
    const silent = now - this.#lastAt > silence;
    const unready = this.filter.samples < leastSamples ? "waiting" : undefined;
    return {
      name,
      prefer,
      needsWitness,
      unusable: this.#readings > 0 && silent ? "unreachable" : usable ? unready : "unsynchronised",
      offset: estimate?.offset ?? 0,
      error: estimate?.offsetError ?? 0,
      rate: estimate?.rate ?? 0,
      rateError: estimate?.rateError ?? 0,
      distance: estimate ? totalOf(this.budget(now, estimate)) : Number.POSITIVE_INFINITY,
      stratum,
    };
  }
}
