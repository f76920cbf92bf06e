/** One comparison of our oscillator with a source's clock. */
export interface ClockSample {
  /** Seconds on our own undisciplined oscillator, at the middle of the exchange. */
  readonly at: number;
  /** Seconds that the source is ahead of the oscillator. */
  readonly offset: number;
  /** Seconds of the round trip, the source's own part left out. */
  readonly delay: number;
  /** Seconds: standard deviation of the stamps themselves. */
  readonly noise: number;
}

/** What is known of a source's clock against our oscillator, at one moment. */
export interface ClockEstimate {
  readonly at: number;
  /** Seconds that the source is ahead. */
  readonly offset: number;
  /** Seconds a second by which the source gains on the oscillator. */
  readonly rate: number;
  /** Standard deviations of both. */
  readonly offsetError: number;
  readonly rateError: number;
  /** How much the oscillator's rate wanders: its change in one second, as a standard deviation. */
  readonly wander: number;
}

/** Hypotheses of how much the oscillator wanders, in half decades. */
const wanders = [1e-11, 1e-10, 3e-10, 1e-9, 3e-9, 1e-8, 3e-8, 1e-7, 3e-7, 1e-6];
/** How much of what was learnt of the wander is kept at each sample. */
const memory = 0.98;
/** The oscillator's rate before anything is known of it: standard deviation. */
const firstRateError = 1e-4;
/** Samples whose least delay stands for the path's own. */
const delayWindow = 64;
const recentWindow = 8;
/** So many samples in a row that no hypothesis explains: the source or the path has changed. */
const surprisesToRestart = 4;
const surprising = 6;

/** Tells offset and rate of a source's clock from noisy samples of it, as well as they can be told.
 *
 *  The oscillator is a clock whose rate does a random walk; a Kalman filter is the best estimator of it, if
 *  the
 *  walk's step and each sample's noise are known. A sample's noise is: when a packet was held up by e seconds
 *  beyond the path's least delay, the offset is wrong by at most e/2 either way. The walk's step is not, so
 *  one
 *  filter runs for each of ten steps, and each counts as it foretold the samples so far. */
export class ClockFilter {
  #tracks: readonly Track[] = wanders.map((wander) => new Track(wander));
  #delays: number[] = [];
  #surprises = 0;
  #samples = 0;
  #restarts = 0;

  get samples(): number {
    return this.#samples;
  }
  /** How often it began anew because the past explained the present no more. */
  get restarts(): number {
    return this.#restarts;
  }
  /** Seconds of the shortest round trip seen lately. */
  get leastDelay(): number {
    return Math.min(...this.#delays);
  }
  /** Seconds of the shortest of the last round trips: how long the path is now. */
  get recentDelay(): number {
    return Math.min(...this.#delays.slice(-recentWindow));
  }
  /** Mean round trip beyond the least, in seconds: what the network adds. */
  get jitter(): number {
    const { length } = this.#delays;
    return length === 0 ? 0 : this.#delays.reduce((sum, delay) => sum + delay, 0) / length - this.leastDelay;
  }

  /** Whether the sample was believed. */
  add(sample: ClockSample): boolean {
    this.#delays.push(sample.delay);
    if (this.#delays.length > delayWindow) this.#delays.shift();
    const variance = this.#noise(sample) ** 2;
    if (this.#samples >= surprisesToRestart && this.#isSurprising(sample, variance)) {
      this.#surprises++;
      if (this.#surprises < surprisesToRestart) return false;
      this.#restart(sample);
    }
    this.#surprises = 0;
    this.#samples++;
    for (const track of this.#tracks) track.take(sample, variance);
    return true;
  }

  /** Undefined before the first sample. */
  estimate(at: number): ClockEstimate | undefined {
    if (this.#samples === 0) return undefined;
    const best = Math.max(...this.#tracks.map((track) => track.likelihood));
    const weights = this.#tracks.map((track) => Math.exp(track.likelihood - best));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const states = this.#tracks.map((track) => track.at(at));
    const mean = (of: (i: number) => number): number =>
      weights.reduce((sum, weight, i) => sum + weight * of(i), 0) / total;
    const offset = mean((i) => states[i]!.offset);
    const rate = mean((i) => states[i]!.rate);
    return {
      at,
      offset,
      rate,
      offsetError: Math.sqrt(mean((i) => states[i]!.offsetVariance + (states[i]!.offset - offset) ** 2)),
      rateError: Math.sqrt(mean((i) => states[i]!.rateVariance + (states[i]!.rate - rate) ** 2)),
      wander: Math.sqrt(mean((i) => this.#tracks[i]!.wander ** 2)),
    };
  }

  /** Standard deviation of the sample's offset: a uniform error of half the delay in excess of the path's
   *  own,
   *  of which the least delay seen is an estimate that lacks about jitter/√n. */
  #noise({ delay, noise }: ClockSample): number {
    const count = this.#delays.length;
    const unseen = count < 4 ? Math.max(this.jitter, delay / 4) : this.jitter / Math.sqrt(count);
    const excess = (delay - this.leastDelay + unseen) / 2;
    return Math.sqrt(excess ** 2 / 3 + noise ** 2);
  }

  #isSurprising(sample: ClockSample, variance: number): boolean {
    return this.#tracks.every((track) => track.surprise(sample, variance) > surprising);
  }

  /** The source's time is said otherwise by so many seconds from now on, as at a leap second. */
  shift(by: number): void {
    for (const track of this.#tracks) track.shift(by);
  }

  /** Begins anew, as if it had never seen a sample. */
  forget(): void {
    this.#tracks = wanders.map((wander) => new Track(wander));
    this.#delays = [];
    this.#samples = 0;
    this.#surprises = 0;
  }

  #restart(sample: ClockSample): void {
    this.forget();
    this.#delays.push(sample.delay);
    this.#restarts++;
  }
}

interface TrackState {
  readonly offset: number;
  readonly rate: number;
  readonly offsetVariance: number;
  readonly rateVariance: number;
  readonly covariance: number;
}

/** A two-state Kalman filter (offset, rate) under one hypothesis of the wander. */
class Track {
  readonly wander: number;
  likelihood = 0;
  #at = 0;
  #state: TrackState | undefined;

  constructor(wander: number) {
    this.wander = wander;
  }

  /** The state foretold for a moment at or after the last sample. */
  at(at: number): TrackState {
    const { offset, rate, offsetVariance, rateVariance, covariance } = this.#state!;
    const dt = at - this.#at;
    const q = this.wander ** 2 * Math.abs(dt);
    return {
      offset: offset + rate * dt,
      rate,
      offsetVariance: offsetVariance + 2 * dt * covariance + dt * dt * (rateVariance + q / 3),
      covariance: covariance + dt * (rateVariance + q / 2),
      rateVariance: rateVariance + q,
    };
  }

  shift(by: number): void {
    if (this.#state) this.#state = { ...this.#state, offset: this.#state.offset + by };
  }

  /** How many standard deviations the sample lies from what was foretold. */
  surprise(sample: ClockSample, variance: number): number {
    const { offset, offsetVariance } = this.at(sample.at);
    return Math.abs(sample.offset - offset) / Math.sqrt(offsetVariance + variance);
  }

  take(sample: ClockSample, variance: number): void {
    if (!this.#state) {
      this.#begin(sample, variance);
      return;
    }
    const before = this.at(sample.at);
    const spread = before.offsetVariance + variance;
    const innovation = sample.offset - before.offset;
    const gain = before.offsetVariance / spread;
    const rateGain = before.covariance / spread;
    this.#at = sample.at;
    this.#state = {
      offset: before.offset + gain * innovation,
      rate: before.rate + rateGain * innovation,
      offsetVariance: (1 - gain) * before.offsetVariance,
      covariance: (1 - gain) * before.covariance,
      rateVariance: before.rateVariance - rateGain * before.covariance,
    };
    this.likelihood = memory * this.likelihood - (innovation ** 2 / spread + Math.log(spread)) / 2;
  }

  #begin(sample: ClockSample, variance: number): void {
    this.#at = sample.at;
    this.#state = {
      offset: sample.offset,
      rate: 0,
      offsetVariance: variance,
      rateVariance: firstRateError ** 2,
      covariance: 0,
    };
  }
}
