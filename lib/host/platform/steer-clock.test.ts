import { expect, test } from "bun:test";
import { claimTimex, maySetClock, rateTimex, stepTimex, writeTimex } from "./steer-clock.ts";
import { openTwoClocks } from "./two-clocks.ts";

// Nothing here sets a clock: the structures are looked at, and that is all.
const view = new DataView(new ArrayBuffer(208));

test("a rate is parts per million with sixteen bits of fraction", () => {
  writeTimex(view, rateTimex(-12.5e-6));
  expect([view.getUint32(0, true), view.getBigInt64(16, true)]).toEqual([2, -819_200n]);
});

test("a step's fraction is never negative", () => {
  for (const [by, seconds, nanoseconds] of [
    [1.25, 1n, 250_000_000n],
    [-0.25, -1n, 750_000_000n],
    [-3, -3n, 0n],
    [0.000_000_001, 0n, 1n],
  ] as const) {
    writeTimex(view, stepTimex(by));
    expect(view.getUint32(0, true)).toBe(0x2100);
    expect([view.getBigInt64(72, true), view.getBigInt64(80, true)]).toEqual([seconds, nanoseconds]);
  }
});

test("a claim is microseconds and a status that exporters read", () => {
  writeTimex(view, claimTimex({ synchronised: true, leap: "insert", maxError: 0.002, estimatedError: 1e-5 }));
  expect([view.getUint32(0, true), view.getInt32(40, true)]).toEqual([0x1c, 0x10]);
  expect([view.getBigInt64(24, true), view.getBigInt64(32, true)]).toEqual([2000n, 10n]);
  writeTimex(view, claimTimex({ synchronised: false, leap: "none", maxError: 99, estimatedError: 99 }));
  expect([view.getInt32(40, true), view.getBigInt64(24, true)]).toEqual([0x40, 16_000_000n]);
});

test("the capability to set the clock is bit 25", () => {
  expect(maySetClock("Name:\tx\nCapEff:\t0000000002000000\n")).toBe(true);
  expect(maySetClock("Name:\tx\nCapEff:\t000001fffdffffff\n")).toBe(false);
  expect(maySetClock("")).toBe(false);
});

test.if(process.platform === "linux")("oscillator and system advance together", () => {
  const read = openTwoClocks()!;
  const [a, b] = [read(), read()];
  const elapsed = b.seconds - a.seconds + (b.nanoseconds - a.nanoseconds) * 1e-9;
  expect(Math.abs(b.oscillator - a.oscillator - elapsed)).toBeLessThan(1e-3);
  expect(Math.abs(a.seconds - Date.now() / 1000)).toBeLessThan(5);
});
