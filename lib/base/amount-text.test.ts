import { expect, test } from "bun:test";
import { bytesText, countText, spanText } from "./amount-text.ts";

test("amounts of bytes", () => {
  expect([0, 1023, 1536, 10 * 2 ** 20, 2 ** 30, 2 ** 60].map(bytesText)).toEqual([
    "0 B",
    "1023 B",
    "1.5 KiB",
    "10 MiB",
    "1.0 GiB",
    "1024 PiB",
  ]);
});

test("spans of time", () => {
  expect([0, -5, 1000, 65_000, 3_600_000, 90_061_000].map(spanText)).toEqual([
    "0 s",
    "0 s",
    "1 s",
    "1 min 5 s",
    "1 h",
    "1 d 1 h",
  ]);
});

test("one thing has no s", () => {
  expect([0, 1, 2].map((count) => countText(count, "line"))).toEqual(["0 lines", "1 line", "2 lines"]);
});
