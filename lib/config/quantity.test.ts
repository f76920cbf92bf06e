import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { durationText, readDuration, readSize, sizeText } from "./quantity.ts";

test.each([
  ["0s", 0],
  ["500ms", 500],
  ["1.5s", 1500],
  ["1h30m", 5_400_000],
  ["7d", 604_800_000],
])("%s is %d ms", (text, ms) => expect(readDuration(text)).toBe(ms));

test.each(["", "10", "m", "1 m", "-1s", "1w", "1e3s", "1m 30s"])("%p is no span of time", (text) =>
  expect(readDuration(text)).toBeUndefined(),
);

test.each([
  ["0", 0],
  ["512B", 512],
  ["64KiB", 65_536],
  ["5GB", 5_000_000_000],
  ["1.5MiB", 1_572_864],
  ["8TiB", 8 * 2 ** 40],
])("%s is %d bytes", (text, bytes) => expect(readSize(text)).toBe(bytes));

test.each(["", "KiB", "1 KiB", "-1", "1kib", "0.3B", "99999999TiB"])("%p is no size", (text) =>
  expect(readSize(text)).toBeUndefined(),
);

test("what is written is read again", () => {
  fc.assert(
    fc.property(fc.nat(), (n) => {
      expect(readDuration(durationText(n))).toBe(n);
      expect(readSize(sizeText(n * 512))).toBe(n * 512);
    }),
  );
});
