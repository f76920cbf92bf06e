import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Reader } from "../../wire/reader.ts";
import { momentOfToken, snapshotListBytes, timewarpIn, tokenOfMoment } from "./snapshots.ts";

test("a moment's token comes back as the moment; another name is none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      expect(momentOfToken(tokenOfMoment(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
  expect(tokenOfMoment(Date.UTC(2026, 10, 21, 4, 30, 9))).toBe("@GMT-2026.11.21-04.30.09");
  for (const other of ["@GMT-2026.13.01-00.00.00", "@GMT-2026.02.30-00.00.00", "@GMT-", "GMT", "@GMT-x"]) {
    expect(momentOfToken(other)).toBeUndefined();
  }
  fc.assert(fc.property(fc.string(), (text) => void momentOfToken(text)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => void timewarpIn(bytes)));
});

test("the list is told whole, or how long it is", () => {
  const tokens = [tokenOfMoment(0), tokenOfMoment(1000)];
  const counts = (bytes: Uint8Array): number[] => {
    const r = new Reader(bytes);
    return [r.u32le(), r.u32le(), r.u32le()];
  };
  expect(counts(snapshotListBytes(tokens, 16))).toEqual([2, 0, 102]);
  expect(snapshotListBytes(tokens, 16)).toHaveLength(16);
  expect(counts(snapshotListBytes(tokens, 4096))).toEqual([2, 2, 102]);
  expect(snapshotListBytes(tokens, 4096)).toHaveLength(114);
});
