import { fail, ok, type Result } from "../../base/result.ts";
import type { Combined } from "./selection.ts";

/** A clock that can be steered, beside the oscillator it is made from. */
export interface SteeredClock {
  /** Both read at one moment: seconds on the oscillator, and the system's time in seconds since the keeper's
   *  own epoch. */
  read(): ClockReading;
  /** From now on the system's clock gains so many seconds a second on the oscillator. */
  setRate(rate: number): void;
  /** Moves the system's clock by so many seconds at once. */
  step(seconds: number): void;
}

export interface ClockReading {
  readonly oscillator: number;
  readonly system: number;
}

export interface DisciplineRules {
  /** Seconds: an error above it is stepped away in the first updates, slewed ever after. */
  readonly stepAbove: number;
  readonly stepUpdates: number;
  /** Seconds: above it, after the start, we stop rather than believe. */
  readonly panicAbove: number;
  /** Seconds: above it, two updates that agree are wanted. */
  readonly confirmAbove: number;
  /** Seconds a second. */
  readonly maxSlew: number;
  readonly maxRate: number;
  /** Standard deviation of the rate above which it is not yet applied. */
  readonly maxRateError: number;
}

export const defaultDiscipline: DisciplineRules = {
  stepAbove: 1,
  stepUpdates: 3,
  panicAbove: 1000,
  confirmAbove: 0.1,
  maxSlew: 500e-6,
  maxRate: 500e-6,
  maxRateError: 1e-3,
};

/** A phase error is slewed away in this many seconds, if the slew limit allows. */
const correctionSeconds = 4;

export type Steered =
  | { readonly did: "step"; readonly by: number }
  | { readonly did: "slew"; readonly by: number }
  | { readonly did: "waited" };

/** Steers a clock to where the sources say it should be: its rate by theirs, its phase by slewing, in one
 *  step
 *  only at the start. No integrator: the estimate is the memory. */
export class Discipline {
  readonly #clock: SteeredClock;
  readonly #rules: DisciplineRules;
  #updates = 0;
  /** Whether an error of any size is explained: at the start, and after somebody else has set the clock. */
  #anyError = true;
  #rate = 0;
  readonly #initialRate: number;
  #unconfirmed: number | undefined;
  /** On the oscillator: when the present slew has done its work. */
  slewEndsAt: number | undefined;

  constructor(clock: SteeredClock, rules: DisciplineRules, initialRate = 0) {
    this.#clock = clock;
    this.#rules = rules;
    this.#rate = this.#initialRate = initialRate;
    if (initialRate !== 0) clock.setRate(initialRate);
  }

  /** Seconds a second that the clock is made to gain on the oscillator, slew apart. */
  get rate(): number {
    return this.#rate;
  }

  /** Applies what the sources say as of the oscillator's `at`. Faults: conflict, for an error that no honest
   *  start explains: whoever sees it must stop. */
  update(said: Combined, at: number): Result<Steered> {
    const { oscillator, system } = this.#clock.read();
    const error = oscillator + said.offset + said.rate * (oscillator - at) - system;
    const { stepAbove, stepUpdates, panicAbove, confirmAbove, maxRate, maxRateError } = this.#rules;
    const isStart = this.#updates < stepUpdates;
    if (Math.abs(error) > panicAbove && !this.#anyError) {
      const what = `the sources say that this clock is wrong by ${error.toFixed(3)} s`;
      return fail("conflict", what, { mend: "set the clock by hand if they are right, and start again" });
    }
    if (Math.abs(error) > confirmAbove && !this.#confirms(error)) return ok({ did: "waited" });
    this.#unconfirmed = undefined;
    this.#updates++;
    this.#anyError = false;
    if (said.rateError <= maxRateError) this.#rate = clamp(said.rate, maxRate);
    if (isStart && Math.abs(error) > stepAbove) {
      this.#clock.step(error);
      this.#clock.setRate(this.#rate);
      this.slewEndsAt = undefined;
      return ok({ did: "step", by: error });
    }
    this.#slew(error, oscillator);
    return ok({ did: "slew", by: error });
  }

  /** The past no longer holds: steps are allowed as at the start. `set`: because somebody set the clock. */
  restart(set: boolean): void {
    this.#updates = 0;
    this.#anyError ||= set;
    this.#unconfirmed = undefined;
    if (this.slewEndsAt !== undefined) this.endSlew();
  }

  /** Whoever taught the rate lied: it is again what it was at the start. */
  distrust(): void {
    this.#rate = this.#initialRate;
    this.endSlew();
  }

  /** To be called once the oscillator has passed `slewEndsAt`. */
  endSlew(): void {
    this.slewEndsAt = undefined;
    this.#clock.setRate(this.#rate);
  }

  #slew(error: number, oscillator: number): void {
    const room = this.#rules.maxSlew;
    const extra = clamp(error / correctionSeconds, room);
    if (extra === 0) {
      this.endSlew();
      return;
    }
    this.#clock.setRate(this.#rate + extra);
    this.slewEndsAt = oscillator + error / extra;
  }

  #confirms(error: number): boolean {
    const before = this.#unconfirmed;
    this.#unconfirmed = error;
    return before !== undefined && Math.abs(error - before) < Math.max(0.1 * Math.abs(error), 0.05);
  }
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
