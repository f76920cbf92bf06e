import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { nameText, parseName } from "./name.ts";

const good: [text: string, path: string[], stream: string | undefined][] = [
  ["", [], undefined],
  ["a", ["a"], undefined],
  ["a\\b\\c.txt", ["a", "b", "c.txt"], undefined],
  ["dir\\", ["dir"], undefined],
  ["a::$DATA", ["a"], undefined],
  ["a:s", ["a"], "s"],
  ["a:s:$data", ["a"], "s"],
  ["a\\..\\b", ["b"], undefined],
  ["a/b", ["a", "b"], undefined],
  ["d\\a:s", ["d", "a"], "s"],
  ["ä ö", ["ä ö"], undefined],
];
test.each(good)("%j", (text, path, stream) => {
  expect(parseName(text)).toMatchObject({ ok: true, name: { path, stream } });
});

const bad = ["\\a", "a\\\\b", "..", "a\\..\\..\\b", ".", "a*", "a?b", 'a"', "a|b", "a:", "a:b:c", "a:b:$X"];
test.each([...bad, "a\0b", "\ud800", "x".repeat(256), "ä".repeat(200), "a\\".repeat(200)])("%j", (text) => {
  expect(parseName(text).ok).toBe(false);
});

test("whatever is sent becomes a path that a store can keep, or nothing", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", ".", "\\", ":", "$DATA", "/", "\0", "é") }),
      (text) => {
        const read = parseName(text);
        if (read.ok) for (const part of read.name.path) expect(part).toMatch(/^(?!\.{1,2}$)[^\\/:\0]+$/);
        if (read.ok) expect(nameText(read.name.path).startsWith("\\")).toBe(true);
      },
    ),
  );
});
