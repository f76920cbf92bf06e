import { expect, test } from "bun:test";
import { remembered } from "./memo.ts";

test("asks once for what is asked again, and never holds more than it may", () => {
  const asked: string[] = [];
  const size = remembered((text: string) => (asked.push(text), text.length), 2);
  expect([size("a"), size("a"), size("bb"), size("a")]).toEqual([1, 1, 2, 1]);
  expect(asked).toEqual(["a", "bb"]);
  size("ccc");
  size("a");
  expect(asked).toEqual(["a", "bb", "ccc", "a"]);
});

test("does not remember long texts", () => {
  const asked: string[] = [];
  const size = remembered((text: string) => (asked.push(text), text.length));
  size("x".repeat(300));
  size("x".repeat(300));
  expect(asked).toHaveLength(2);
});
