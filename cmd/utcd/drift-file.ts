import { readFile, rename, writeFile } from "node:fs/promises";

const everySeconds = 3600;
/** Parts per million beyond which a file is not believed. */
const mostPpm = 500;

/** The rate of this system's oscillator as it was last known: `ppm skew`, as chrony writes it. Saved once an
 *  hour
 *  and at the end, whole or not at all. */
export class DriftFile {
  readonly #path: string;
  #noted: { rate: number; error: number } | undefined;
  #savedAt: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Seconds a second; 0 where nothing that can be believed is there. */
  async read(): Promise<number> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    const [ppm, skew] = text.trim().split(/\s+/).map(Number);
    const isGood = ppm !== undefined && skew !== undefined && Math.abs(ppm) <= mostPpm && skew >= 0;
    return isGood ? ppm * 1e-6 : 0;
  }

  /** `now` in seconds on any steady clock. */
  note(rate: number, error: number, now: number): void {
    this.#noted = { rate, error };
    this.#savedAt ??= now;
    if (now - this.#savedAt < everySeconds) return;
    this.#savedAt = now;
    void this.save();
  }

  async save(): Promise<void> {
    if (!this.#noted) return;
    const { rate, error } = this.#noted;
    await writeFile(`${this.#path}.new`, `${(rate * 1e6).toFixed(6)} ${(error * 1e6).toFixed(6)}\n`);
    await rename(`${this.#path}.new`, this.#path);
  }
}
