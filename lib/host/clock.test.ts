import { expect, test } from "bun:test";
import { systemClock } from "./clock.ts";
import { systemEntropy } from "./entropy.ts";
import { openRealtime } from "./platform/realtime.ts";

test("the wall clock agrees with the system's to a few milliseconds", () => {
  const clock = systemClock();
  const before = Date.now();
  const wall = clock.wall();
  expect(wall).toBeGreaterThanOrEqual(before - 1);
  expect(wall).toBeLessThanOrEqual(Date.now() + 2);
});

test("now never goes back", () => {
  const clock = systemClock();
  let last = clock.now();
  for (let i = 0; i < 1000; i++) {
    const next = clock.now();
    expect(next).toBeGreaterThanOrEqual(last);
    last = next;
  }
});

test.if(process.platform === "linux")("on Linux the real time has nanoseconds", () => {
  const read = openRealtime()!;
  const seen = new Set(Array.from({ length: 100 }, () => read().nanoseconds % 1000));
  expect(seen.size).toBeGreaterThan(10);
  expect(read().seconds).toBeGreaterThan(1_700_000_000);
});

test("entropy gives as many bytes as asked, never the same twice", () => {
  const entropy = systemEntropy();
  expect(entropy(0).length).toBe(0);
  expect(entropy(100_000).length).toBe(100_000);
  const seen = new Set(Array.from({ length: 5000 }, () => entropy(16).toHex()));
  expect(seen.size).toBe(5000);
});
