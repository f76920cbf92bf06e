import { expect, test } from "bun:test";
import { asInstant } from "../base/time.ts";
import { TokenBucket } from "./bandwidth.ts";

/** Moves for so long as it is told to wait; gives bytes per second. */
function rateOf(bucket: TokenBucket, seconds: number, chunk: number): number {
  let now = 0;
  let moved = 0;
  while (now < seconds * 1000) {
    now += bucket.take(chunk, asInstant(now));
    moved += chunk;
  }
  return moved / (now / 1000);
}

test("over ten seconds the rate is what was said, however the bytes come", () => {
  for (const chunk of [100, 5000, 1 << 20]) {
    const rate = rateOf(new TokenBucket(100_000, asInstant(0)), 10, chunk);
    expect(rate).toBeGreaterThan(85_000);
    expect(rate).toBeLessThan(106_000);
  }
});

test("two who share a bucket share its rate", () => {
  const bucket = new TokenBucket(100_000, asInstant(0));
  const next = [0, 0];
  const moved = [0, 0];
  while (Math.min(...next) < 10_000) {
    const who = next[0]! <= next[1]! ? 0 : 1;
    const now = next[who]!;
    next[who] = now + Math.max(0.01, bucket.take(5000, asInstant(now)));
    moved[who]! += 5000;
  }
  expect(moved[0]! + moved[1]!).toBeLessThan(1_070_000);
  expect(Math.abs(moved[0]! - moved[1]!)).toBeLessThan(20_000);
});

test("slices are small where the rate is", () => {
  expect(new TokenBucket(1000, asInstant(0)).slice).toBe(1024);
  expect(new TokenBucket(1_000_000, asInstant(0)).slice).toBe(100_000);
  expect(new TokenBucket(1e9, asInstant(0)).slice).toBe(256 << 10);
});
