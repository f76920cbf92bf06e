/** Base units, `holdfast_` prefix, label sets bounded by the caller. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** Upper bounds in rising order, in base units (seconds, bytes). */
  histogram(name: string, help: string, bounds: readonly number[], labels?: readonly string[]): Histogram;
}
export interface Counter {
  add(by: number, ...labels: string[]): void;
}
export interface Gauge {
  set(to: number, ...labels: string[]): void;
}
export interface Histogram {
  observe(value: number, ...labels: string[]): void;
}
