import type { HistoryRow } from "./history.ts";

/** How an oscillator's rate moves over days: least squares of its hourly means. */
export interface Ageing {
  /** Parts per million a day, and the standard error of that. */
  readonly perDay: number;
  readonly error: number;
  /** Days that it was learnt from. */
  readonly days: number;
}

/** Hours without which nothing is said. */
const leastHours = 24;

/** From the clock's history in steps of an hour (third figure: rate in ppm); undefined where it is too
 *  short. */
export function ageingOf(rows: readonly HistoryRow[]): Ageing | undefined {
  if (rows.length < leastHours) return undefined;
  const days = rows.map(({ at }) => (at - rows[0]!.at) / 86_400);
  const rates = rows.map(({ mean }) => mean[2] ?? 0);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [middle, usual] = [mean(days), mean(rates)];
  const spread = days.reduce((sum, day) => sum + (day - middle) ** 2, 0);
  const slope = days.reduce((sum, day, i) => sum + (day - middle) * (rates[i]! - usual), 0) / spread;
  const left = rates.reduce((sum, rate, i) => sum + (rate - usual - slope * (days[i]! - middle)) ** 2, 0);
  const error = Math.sqrt(left / (rows.length - 2) / spread);
  return { perDay: slope, error, days: days.at(-1)! };
}
