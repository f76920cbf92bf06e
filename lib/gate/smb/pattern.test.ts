import { expect, test } from "bun:test";
import { matcher } from "./pattern.ts";

const cases: [pattern: string, name: string, fits: boolean][] = [
  ["*", "anything", true],
  ["", "anything", true],
  ["a*", "Abc", true],
  ["a*", "bca", false],
  ["*.txt", "x.TXT", true],
  ["*.txt", "x.txt.bak", false],
  ["?", "a", true],
  ["?", "ab", false],
  ["a?c", "abc", true],
  ["<.txt", "a.b.txt", true],
  ["<.b", "a.b.txt", false],
  ["<", "a.b.txt", false],
  ["<", "plain", true],
  [">>>", "ab", true],
  [">>>", "abcd", false],
  ['a"b', "a.b", true],
  ['abc"', "abc", true],
  ['<"*', "readme", true],
  ['<"*', "a.b", true],
  ["*a*b*c*", "xxaxxbxxcxx", true],
  ["*a*b*c*", "xxaxxcxxbxx", false],
];

test.each(cases)("%j and %j", (pattern, name, fits) => {
  expect(matcher(pattern)(name)).toBe(fits);
});

test("no pattern is slow", () => {
  const started = performance.now();
  expect(matcher("*a".repeat(100))("a".repeat(5000) + "b")).toBe(false);
  expect(performance.now() - started).toBeLessThan(15_000);
});
