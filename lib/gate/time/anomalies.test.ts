import { expect, test } from "bun:test";
import { ageingOf } from "./ageing.ts";
import { Anomalies, type Anomaly } from "./anomalies.ts";

/** A steady pseudo-random in −1 … 1. */
const noise = (i: number): number => Math.sin(i * 12.9898) * 0.99;

function watch(what: Anomaly["what"], seconds: number, value: (t: number) => number): Anomaly[] {
  const anomalies = new Anomalies();
  const found: Anomaly[] = [];
  for (let t = 0; t < seconds; t++) {
    const one = anomalies.note("clock", what, 1e9 + t, value(t));
    if (one) found.push(one);
  }
  return found;
}

test("a rate that is only noisy, or follows the day's warmth, is none", () => {
  const day = (t: number): number => 12 + noise(t) * 0.5 + 1.5 * Math.sin((2 * Math.PI * t) / 86_400);
  expect(watch("rate", 2 * 86_400, day)).toEqual([]);
});

test("10 ppm that appear are noticed within minutes, once, and end when they end (row 67)", () => {
  const shifted = (t: number): number => 12 + noise(t) * 0.5 + (t > 7200 && t < 9000 ? 10 : 0);
  const [one, ...more] = watch("rate", 14_000, shifted);
  expect(more).toEqual([]);
  expect(one!.since - 1e9).toBeLessThan(7200 + 300);
  expect(one!.is - one!.was).toBeCloseTo(10, 0);
});

test("a way that becomes longer is told; a single slow packet is not", () => {
  const slow = (t: number): number => 2e-3 + noise(t) * 1e-5 + (t % 1000 === 0 ? 0.2 : 0);
  expect(watch("delay", 20_000, slow).length).toBeLessThan(2);
  const longer = (t: number): number => (t > 7200 ? 5e-3 : 2e-3) + noise(t) * 1e-5;
  expect(watch("delay", 9000, longer)).toHaveLength(1);
});

test("what stays becomes the usual, and no alarm rings for ever", () => {
  const anomalies = new Anomalies();
  for (let t = 0; t < 20_000; t++) anomalies.note("a", "delay", t, t > 3000 ? 8e-3 : 2e-3);
  expect(anomalies.present).toEqual([]);
});

test("ageing is the slope of hourly rates, with its error", () => {
  const rows = Array.from({ length: 24 * 10 }, (_, hour) => {
    const mean = [0, 0, 5 + (0.02 * hour) / 24 + 0.01 * noise(hour)];
    return { at: hour * 3600, seconds: 3600, count: 1, mean, least: mean, most: mean };
  });
  const ageing = ageingOf(rows)!;
  expect(Math.abs(ageing.perDay - 0.02)).toBeLessThan(3 * ageing.error + 1e-6);
  expect(ageing.error).toBeLessThan(0.001);
  expect(ageingOf(rows.slice(0, 23))).toBeUndefined();
});
