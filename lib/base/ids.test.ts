import { expect, test } from "bun:test";
import { seededEntropy } from "./entropy.ts";
import { idMaker, serialMaker } from "./ids.ts";
import { asUnixMs } from "./time.ts";

test("names made later sort later, also within a millisecond's fractions", () => {
  let wall = 1_700_000_000_000.25;
  const newId = idMaker(() => asUnixMs(wall), seededEntropy(1));
  const first = newId();
  expect(first).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  wall += 1000.5;
  expect(newId() > first).toBe(true);
});

test("a serial is 16 characters and never repeats", () => {
  const next = serialMaker(seededEntropy(1));
  const seen = new Set(Array.from({ length: 5000 }, next));
  expect(seen.size).toBe(5000);
  expect([...seen].every((text) => /^[0-9A-Z]{16}$/.test(text))).toBe(true);
});
