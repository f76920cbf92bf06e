import { assert } from "../base/assert.ts";
import { escapeHelp, labelText, numberText } from "./metrics-text.ts";
import type { Counter, Gauge, Histogram, Metrics } from "./metrics.ts";

/** Series of one metric that are kept apart; what comes beyond goes into one series labelled "other". */
export const longestSeries = 1000;

/** All metrics of a process. */
export interface MetricsRegistry extends Metrics {
  /** A gauge that is asked when it is read: file descriptors, memory. */
  observed(name: string, help: string, read: () => number): void;
  /** Prometheus text exposition format 0.0.4. */
  text(): string;
}

export function metricsRegistry(): MetricsRegistry {
  const families = new Map<string, Family>();
  const add = <F extends Family>(family: F): F => {
    assert(/^[a-z][a-z0-9_]*$/.test(family.name), `the metric's name ${family.name}`);
    const known = families.get(family.name);
    assert(!known || known.constructor === family.constructor, `${family.name} is of two kinds`);
    families.set(family.name, known ?? family);
    return (known as F | undefined) ?? family;
  };
  return {
    counter: (name, help, labels = []) => add(new NumberFamily(name, help, "counter", labels)),
    gauge: (name, help, labels = []) => add(new NumberFamily(name, help, "gauge", labels)),
    histogram: (name, help, bounds, labels = []) => add(new HistogramFamily(name, help, labels, bounds)),
    observed: (name, help, read) => void add(new ObservedFamily(name, help, read)),
    text: () => [...families.values()].map((family) => family.text()).join(""),
  };
}

interface Family {
  readonly name: string;
  text(): string;
}

/** Gives each combination of label values a row of `width` numbers in one typed array. */
class Rows {
  values: Float64Array;
  readonly #width: number;
  readonly #labels: readonly string[];
  readonly #rowOf = new Map<string, number>();
  readonly rows: string[][] = [];

  constructor(labels: readonly string[], width: number) {
    this.#labels = labels;
    this.#width = width;
    this.values = new Float64Array(width * 4);
    if (labels.length === 0) this.at([]);
  }

  /** Where the row of these label values begins. */
  at(labels: readonly string[]): number {
    const key = labels.length === 1 ? labels[0]! : labels.join("\0");
    const known = this.#rowOf.get(key);
    return known ?? this.#add(key, labels);
  }

  #add(key: string, labels: readonly string[]): number {
    assert(labels.length === this.#labels.length, `labels are ${this.#labels.join(", ")}`);
    if (this.rows.length >= longestSeries) {
      const other = this.#labels.map(() => "other");
      return this.#rowOf.get(other.join("\0")) ?? this.#place(other.join("\0"), other);
    }
    return this.#place(key, labels);
  }

  #place(key: string, labels: readonly string[]): number {
    const at = this.rows.length * this.#width;
    this.rows.push([...labels]);
    this.#rowOf.set(key, at);
    if (at + this.#width > this.values.length) {
      const wider = new Float64Array(this.values.length * 2);
      wider.set(this.values);
      this.values = wider;
    }
    return at;
  }
}

class NumberFamily implements Counter, Gauge, Family {
  readonly name: string;
  readonly #head: string;
  readonly #labels: readonly string[];
  readonly #rows: Rows;

  constructor(name: string, help: string, kind: "counter" | "gauge", labels: readonly string[]) {
    this.name = name;
    this.#head = headOf(name, help, kind);
    this.#labels = labels;
    this.#rows = new Rows(labels, 1);
  }

  add(by: number, ...labels: string[]): void {
    const at = this.#rows.at(labels);
    this.#rows.values[at] = this.#rows.values[at]! + by;
  }

  set(to: number, ...labels: string[]): void {
    const at = this.#rows.at(labels);
    this.#rows.values[at] = to;
  }

  text(): string {
    const { rows, values } = this.#rows;
    const line = (row: string[], i: number): string =>
      `${this.name}${labelText(this.#labels, row)} ${numberText(values[i]!)}\n`;
    return this.#head + rows.map(line).join("");
  }
}

class ObservedFamily implements Family {
  readonly name: string;
  readonly #head: string;
  readonly #read: () => number;

  constructor(name: string, help: string, read: () => number) {
    this.name = name;
    this.#head = headOf(name, help, name.endsWith("_total") ? "counter" : "gauge");
    this.#read = read;
  }

  text(): string {
    return `${this.#head}${this.name} ${numberText(this.#read())}\n`;
  }
}

/** A row is: a count for each bound, one for what is above all, then the sum. */
class HistogramFamily implements Histogram, Family {
  readonly name: string;
  readonly #head: string;
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #rows: Rows;

  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    assert(bounds.length > 0 && bounds.every((b, i) => i === 0 || b > bounds[i - 1]!), `bounds of ${name}`);
    this.name = name;
    this.#head = headOf(name, help, "histogram");
    this.#labels = labels;
    this.#bounds = bounds;
    this.#rows = new Rows(labels, bounds.length + 2);
  }

  observe(value: number, ...labels: string[]): void {
    const start = this.#rows.at(labels);
    const { values } = this.#rows;
    const bounds = this.#bounds;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    values[start + i] = values[start + i]! + 1;
    const sum = start + bounds.length + 1;
    values[sum] = values[sum]! + value;
  }

  text(): string {
    return this.#head + this.#rows.rows.map((row, i) => this.#rowText(row, i)).join("");
  }

  #rowText(row: string[], i: number): string {
    const width = this.#bounds.length + 2;
    const { values } = this.#rows;
    let count = 0;
    const buckets = [...this.#bounds, Infinity].map((bound, j) => {
      count += values[i * width + j]!;
      const labels = labelText([...this.#labels, "le"], [...row, numberText(bound)]);
      return `${this.name}_bucket${labels} ${count}\n`;
    });
    const labels = labelText(this.#labels, row);
    const sum = numberText(values[i * width + width - 1]!);
    return `${buckets.join("")}${this.name}_sum${labels} ${sum}\n${this.name}_count${labels} ${count}\n`;
  }
}

const headOf = (name: string, help: string, kind: string): string =>
  `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
