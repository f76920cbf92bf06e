import { expect, test } from "bun:test";
import { secondsText } from "../../base/amount-text.ts";
import { chart, type ChartPoint } from "./chart.ts";

const frame = { from: 0, to: 3600, label: "the clock", valueText: secondsText };
const steady = (at: number, value = 1e-3, bound = 4e-3): ChartPoint => ({
  at,
  value,
  least: value - 1e-4,
  most: value + 1e-4,
  bound,
});

test("round values beside the line, round moments below it", () => {
  const { text } = chart([steady(0), steady(60), steady(120)], frame);
  const said = [...text.matchAll(/>\s*([^<>]*?\S)\s*<\/text>/g)].map(([, words]) => words);
  expect(said).toContain("2 ms");
  expect(said).toContain("-2 ms");
  expect(said).toContain("00:30");
  expect(text).toContain('aria-label="the clock"');
});

test("a gap is left open", () => {
  const times = [0, 60, 120, 180, 1800, 1860];
  const { text } = chart(
    times.map((at) => steady(at)),
    frame,
  );
  const line = /class="line" d="([^"]*)"/.exec(text)?.[1] ?? "";
  expect(line.match(/M/g)).toHaveLength(2);
});

test("what is promised far beyond what happens fills the picture, and nothing leaves it", () => {
  const { text } = chart([steady(0, 1e-6, 1), steady(60, -2e-6, 1)], frame);
  const heights = [...text.matchAll(/[ML][\d.]+ ([\d.-]+)/g)].map(([, y]) => Number(y));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(12);
  expect(Math.max(...heights)).toBeLessThanOrEqual(234);
});
