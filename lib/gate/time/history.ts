import { base64, fromBase64 } from "../../base/bytes.ts";

/** How finely the past is kept, and how far back: steps of so many seconds, so many of them. */
const tiers = [
  { step: 10, rows: 360 }, // an hour
  { step: 120, rows: 720 }, // a day
  { step: 3600, rows: 744 }, // a month
  { step: 86_400, rows: 800 }, // two years
] as const;

/** Figures kept together in one series. */
const width = 3;
/** Mean, least and most of each, after the count. */
const rowWords = 1 + 3 * width;
/** Series beyond are not kept. */
const mostSeries = 80;

/** What a step of time held. Which figures those are, the series' keeper knows. */
export interface HistoryRow {
  /** Unix seconds at which the step begins. */
  readonly at: number;
  readonly seconds: number;
  readonly count: number;
  readonly mean: readonly number[];
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** One series at one fineness: a ring of steps. */
class Ring {
  readonly #step: number;
  readonly #rows: number;
  /** Which step a row holds; −1: none. */
  readonly steps: Float64Array;
  readonly words: Float32Array;

  constructor(step: number, rows: number) {
    this.#step = step;
    this.#rows = rows;
    this.steps = new Float64Array(rows).fill(-1);
    this.words = new Float32Array(rows * rowWords);
  }

  note(at: number, values: readonly number[]): void {
    const step = Math.floor(at / this.#step);
    const row = step % this.#rows;
    const word = row * rowWords;
    const isNew = this.steps[row] !== step;
    this.steps[row] = step;
    const { words } = this;
    const count = (isNew ? 0 : words[word]!) + 1;
    words[word] = count;
    for (let i = 0; i < width; i++) {
      const value = values[i] ?? 0;
      const [mean, least, most] = [word + 1 + i, word + 1 + width + i, word + 1 + 2 * width + i];
      words[mean] = isNew ? value : words[mean]! + (value - words[mean]!) / count;
      words[least] = isNew ? value : Math.min(words[least]!, value);
      words[most] = isNew ? value : Math.max(words[most]!, value);
    }
  }

  /** From `since` on, oldest first. */
  read(since: number, now: number): HistoryRow[] {
    const rows: HistoryRow[] = [];
    const last = Math.floor(now / this.#step);
    const first = Math.max(last - this.#rows + 1, Math.floor(since / this.#step));
    for (let step = first; step <= last; step++) {
      const row = step % this.#rows;
      if (this.steps[row] !== step) continue;
      const word = row * rowWords + 1;
      const take = (from: number): number[] => [...this.words.subarray(word + from, word + from + width)];
      rows.push({
        at: step * this.#step,
        seconds: this.#step,
        count: this.words[word - 1]!,
        mean: take(0),
        least: take(width),
        most: take(2 * width),
      });
    }
    return rows;
  }
}

/** The past of the clock and of each source, the finer the nearer. Bounded: what is old is kept in ever
 *  longer
 *  steps, with the mean, the least and the most of each. */
export class History {
  readonly #series = new Map<string, readonly Ring[]>();

  /** `at` in Unix seconds; up to three values. */
  note(name: string, at: number, values: readonly number[]): void {
    const rings = this.#series.get(name) ?? this.#begin(name);
    for (const ring of rings ?? []) ring.note(at, values);
  }

  get names(): readonly string[] {
    return [...this.#series.keys()];
  }

  /** The finest steps that reach `span` seconds back, oldest first; none where nothing is known. */
  read(name: string, span: number, now: number): HistoryRow[] {
    const at = tiers.findIndex(({ step, rows }) => step * rows >= span);
    const ring = this.#series.get(name)?.[at < 0 ? tiers.length - 1 : at];
    return ring?.read(now - span, now) ?? [];
  }

  #begin(name: string): readonly Ring[] | undefined {
    if (this.#series.size >= mostSeries) return undefined;
    const rings = tiers.map(({ step, rows }) => new Ring(step, rows));
    this.#series.set(name, rings);
    return rings;
  }

  /** Everything as text, for a file. */
  save(): string {
    const series = [...this.#series].map(([name, rings]) => ({
      name,
      rings: rings.map(({ steps, words }) => [base64(bytesOf(steps)), base64(bytesOf(words))]),
    }));
    return JSON.stringify({ version: 1, series });
  }

  /** What `save` gave; text that it did not give is no history, and none is the answer. */
  static restore(text: string): History {
    const history = new History();
    for (const { name, rings } of savedSeries(text)) {
      const made = history.#begin(name);
      for (const [i, ring] of (made ?? []).entries()) {
        fillFrom(ring.steps, rings[i]?.[0]);
        fillFrom(ring.words, rings[i]?.[1]);
      }
    }
    return history;
  }
}

interface SavedSeries {
  readonly name: string;
  readonly rings: readonly (readonly string[])[];
}

function savedSeries(text: string): readonly SavedSeries[] {
  try {
    const { version, series } = JSON.parse(text) as { version?: unknown; series?: unknown };
    if (version !== 1 || !Array.isArray(series)) return [];
    return (series as SavedSeries[]).filter(({ name, rings }) => typeof name === "string" && isRings(rings));
  } catch {
    return [];
  }
}

const isRings = (rings: unknown): boolean =>
  Array.isArray(rings) &&
  rings.every((ring) => Array.isArray(ring) && ring.every((t) => typeof t === "string"));

const bytesOf = (array: Float64Array | Float32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Only where the length is right: a history of other tiers is left empty. */
function fillFrom(array: Float64Array | Float32Array, text: string | undefined): void {
  const bytes = text === undefined ? undefined : fromBase64(text);
  if (bytes?.length === array.byteLength) bytesOf(array).set(bytes);
}
