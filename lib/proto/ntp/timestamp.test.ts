import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decode } from "../../wire/decode.ts";
import { Writer } from "../../wire/writer.ts";
import { readHeader, referenceIdOf, referenceLetters, writeHeader, type Header } from "./header.ts";
import { difference, shifted, timestampOf, unixOf } from "./timestamp.ts";

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const time = fc.record({ seconds: u32, fraction: u32 });
const short = u32.map((n) => n / 65536);
const i8 = fc.integer({ min: -128, max: 127 });
const header = fc.record<Header>({
  leap: fc.constantFrom(0, 1, 2, 3),
  version: fc.integer({ min: 0, max: 7 }),
  mode: fc.integer({ min: 0, max: 7 }),
  stratum: fc.integer({ min: 0, max: 255 }),
  poll: i8,
  precision: i8,
  rootDelay: short,
  rootDispersion: short,
  referenceId: u32,
  reference: time,
  origin: time,
  receive: time,
  transmit: time,
});

test("a header survives the wire, in 48 bytes", () => {
  fc.assert(
    fc.property(header, (h) => {
      const w = new Writer();
      writeHeader(w, h);
      expect(w.length).toBe(48);
      expect(decode(readHeader, w.view())).toEqual({ ok: true, value: h });
    }),
  );
});

test("an error bound too small for the field is rounded up, one too large is the most there is", () => {
  const h = { ...fc.sample(header, { numRuns: 1, seed: 1 })[0]!, rootDelay: 1e-9, rootDispersion: 1e9 };
  const w = new Writer();
  writeHeader(w, h);
  const read = decode(readHeader, w.view());
  expect(read.ok && read.value.rootDelay).toBe(2 ** -16);
  expect(read.ok && read.value.rootDispersion).toBe(0xffffffff / 65536);
});

test("a Unix time survives, near the pivot, in any era", () => {
  for (const year of [1972, 2026, 2035, 2037, 2100, 2172]) {
    const unix = Date.UTC(year, 5, 1) / 1000;
    const back = unixOf(timestampOf(unix, 123_456_789), unix + 86_400 * 365 * 50);
    expect(back.seconds).toBe(unix);
    expect(Math.abs(back.nanoseconds - 123_456_789)).toBeLessThan(2);
  }
});

test("a pivot of 2026 reads stamps of the next era as the future, not as 1900", () => {
  const pivot = Date.UTC(2026, 0, 1) / 1000;
  expect(unixOf({ seconds: 0, fraction: 0 }, pivot).seconds).toBe(Date.UTC(2036, 1, 7, 6, 28, 16) / 1000);
});

test("differences are right across the era's end and exact for near stamps", () => {
  expect(difference({ seconds: 1, fraction: 0 }, { seconds: 0xffffffff, fraction: 0x80000000 })).toBe(1.5);
  expect(difference({ seconds: 5, fraction: 1 }, { seconds: 5, fraction: 2 })).toBe(-(2 ** -32));
  fc.assert(
    fc.property(time, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (t, by) => {
      expect(Math.abs(difference(shifted(t, by), t) - by)).toBeLessThan(1e-9);
    }),
  );
});

test("reference letters", () => {
  expect(referenceLetters(referenceIdOf("GPS"))).toBe("GPS");
  expect(referenceIdOf("RATE")).toBe(0x52415445);
  expect(referenceLetters(0x7f7f0101)).toBeUndefined();
  expect(referenceLetters(0)).toBeUndefined();
});
