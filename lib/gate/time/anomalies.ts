import { ShiftDetector, type Shift } from "./shift-detector.ts";

/** Something that is not as it used to be. */
export interface Anomaly extends Shift {
  /** "clock", or a source's name. */
  readonly about: string;
  readonly what: "rate" | "delay";
  /** Unix seconds when it was noticed. */
  readonly since: number;
}

const minute = 60;
const mostSeries = 80;
/** The least that means anything: 1 ppm of rate; 50 µs or a fifth of the way. */
const floors: Record<Anomaly["what"], (usual: number) => number> = {
  rate: () => 1,
  delay: (usual) => Math.max(50e-6, usual / 5),
};

interface Watched {
  readonly detector: ShiftDetector;
  sum: number;
  count: number;
  began: number;
  last: Anomaly | undefined;
}

/** Watches the oscillator's rate and the way to each source for shifts, on means of a minute. */
export class Anomalies {
  readonly #watched = new Map<string, Watched>();

  /** Those that last. */
  get present(): readonly Anomaly[] {
    return Array.from(this.#watched.values(), ({ detector, last }) =>
      detector.isOut ? last : undefined,
    ).filter((one) => one !== undefined);
  }

  /** A value of now (Unix seconds): ppm, or seconds. Something new, where it is. */
  note(about: string, what: Anomaly["what"], at: number, value: number): Anomaly | undefined {
    const key = `${what} ${about}`;
    let one = this.#watched.get(key);
    if (!one) {
      if (this.#watched.size >= mostSeries) return undefined;
      const detector = new ShiftDetector(floors[what]);
      this.#watched.set(key, (one = { detector, sum: 0, count: 0, began: at, last: undefined }));
    }
    one.sum += value;
    one.count++;
    if (at - one.began < minute && at >= one.began) return undefined;
    const shift = one.detector.take(one.sum / one.count);
    one.sum = one.count = 0;
    one.began = at;
    if (!shift) return undefined;
    return (one.last = { about, what, since: at, ...shift });
  }
}
