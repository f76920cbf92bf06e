import { expect, test } from "bun:test";
import { Fence } from "./fence.ts";

const said = (low: number, high: number, at = 0) => ({ at, low, high });

test("most witnesses draw the fence; one that lies does not move it", () => {
  const fence = new Fence();
  expect(fence.at(0)).toBeUndefined();
  expect(fence.outside(0, 1e9, 1)).toBe(0);
  fence.take("a", said(-3, 3));
  fence.take("b", said(-1, 5));
  fence.take("liar", said(90, 110));
  expect(fence.at(0)).toEqual([-1, 3]);
  expect(fence.outside(0, 0, 0.1)).toBe(0);
  expect(fence.outside(0, 100, 1)).toBe(96);
  expect(fence.outside(0, -9, 1)).toBe(-7);
});

test("where no majority agrees there is no fence", () => {
  const fence = new Fence();
  fence.take("a", said(-3, 3));
  fence.take("b", said(90, 110));
  expect(fence.at(0)).toBeUndefined();
});

test("it widens with its age, and ends after a day", () => {
  const fence = new Fence();
  fence.take("a", said(-1, 1));
  expect(fence.at(1000)).toEqual([-1.5, 1.5]);
  expect(fence.at(90_000)).toBeUndefined();
});
