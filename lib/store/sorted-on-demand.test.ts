import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { SortedOnDemand } from "./sorted-on-demand.ts";

const ascending = (a: number, b: number): number => a - b;

test("what is taken, in whatever portions, is in order and complete", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { maxLength: 400 }),
      fc.integer({ min: 1, max: 90 }),
      (items, portion) => {
        const sorted = new SortedOnDemand([...items], ascending);
        const taken: number[] = [];
        while (sorted.left > 0) taken.push(...sorted.take(portion));
        expect(taken).toEqual([...items].sort(ascending));
        expect(sorted.take(1)).toEqual([]);
      },
    ),
  );
});

test("the first of many cost little more than one look at each", () => {
  let looks = 0;
  const items = Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_003);
  const sorted = new SortedOnDemand(items, (a, b) => {
    looks++;
    return a - b;
  });
  const [first] = sorted.take(1000);
  expect(first).toBe(0);
  expect(looks).toBeLessThan(1_000_000);
});
