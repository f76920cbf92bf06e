/** How a series of figures left what it used to be. */
export interface Shift {
  readonly was: number;
  readonly is: number;
}

/** Values that are only learnt from. */
const lessons = 10;
/** How fast the memory of what is usual follows: an hour, at a value a minute. */
const memory = 1 / 60;
/** So many values out of the usual, and they are the usual. */
const relearnAfter = 60;
/** In deviations: what is put up with each time, and what sum of the rest is a shift. */
const slack = 0.5;
const enough = 10;

/** Tells when a series shifts, by a two-sided CUSUM against a slow mean: a single outlier is none, a step or
 *  a
 *  ramp that leads away is one. `floor` is the least deviation that means anything. */
export class ShiftDetector {
  readonly #floor: (usual: number) => number;
  #seen = 0;
  #usual = 0;
  #spread = 0;
  #up = 0;
  #down = 0;
  #out = 0;

  constructor(floor: (usual: number) => number) {
    this.#floor = floor;
  }

  /** Whether the series is out of its usual. */
  get isOut(): boolean {
    return this.#out > 0;
  }

  /** The next value. A shift is told once, when it is noticed. */
  take(value: number): Shift | undefined {
    this.#seen++;
    const away = value - this.#usual;
    if (this.#seen <= lessons) {
      this.#usual += away / this.#seen;
      this.#spread += (Math.abs(away) - this.#spread) / this.#seen;
      return undefined;
    }
    const deviation = Math.max(this.#floor(this.#usual), 1.25 * this.#spread);
    this.#up = Math.max(0, this.#up + away / deviation - slack);
    this.#down = Math.max(0, this.#down - away / deviation - slack);
    if (Math.max(this.#up, this.#down) > enough) return this.#outside(value);
    if (this.#out > 0 && this.#up === 0 && this.#down === 0) this.#out = 0;
    this.#usual += memory * away;
    this.#spread += memory * (Math.abs(away) - this.#spread);
    return undefined;
  }

  #outside(value: number): Shift | undefined {
    // The sums stay near the limit, so that what comes back is noticed soon.
    this.#up = Math.min(this.#up, 2 * enough);
    this.#down = Math.min(this.#down, 2 * enough);
    const shift = this.#out === 0 ? { was: this.#usual, is: value } : undefined;
    if (++this.#out >= relearnAfter) this.#begin();
    return shift;
  }

  #begin(): void {
    this.#seen = this.#spread = this.#up = this.#down = this.#out = 0;
  }
}
