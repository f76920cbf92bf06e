import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { utf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { namesOfSegment, readName, readNames } from "./tree-names.ts";

test("most names are their own", () => {
  for (const name of [
    "a",
    "100%",
    "%41",
    "a%20b",
    "%2F",
    "%",
    "%%",
    "%zz",
    "...",
    "..a",
    "é",
    "%2e",
    "x%more",
  ]) {
    expect(namesOfSegment(name)).toEqual([name]);
    expect(must(readName(name))).toEqual({ text: name, as: "plain" });
  }
});

test("what no tree can show, and what only looks like it", () => {
  const table = {
    "": "%_",
    ".": "%2E",
    "..": "%2E%2E",
    ".versions": "%2Eversions",
    "a\nb": "a%0Ab",
    "\u0000": "%00",
    "\u007f": "%7F",
    "%_": "%25_",
    "%25_": "%2525_",
    "%2E": "%252E",
    "%2E%2E": "%252E%2E",
    "a%0Ab": "a%250Ab",
    "%250A": "%25250A",
    "a%file": "a%25file",
    "a%25file": "a%2525file",
  };
  for (const [segment, name] of Object.entries(table)) {
    expect(namesOfSegment(segment)).toEqual([name]);
    expect(must(readName(name))).toEqual({ text: segment, as: "plain" });
  }
  expect(namesOfSegment("a", true)).toEqual(["a%file"]);
  expect(must(readName("a%file"))).toEqual({ text: "a", as: "beside" });
});

/** Texts made of what the escaping is about, short and over-long. */
const bits = fc.constantFrom(
  "%",
  "2",
  "5",
  "E",
  "0",
  "A",
  "_",
  ".",
  "file",
  "more",
  "versions",
  "\n",
  "é",
  "\u{1f600}",
  "%25",
);
const segment = fc
  .oneof(
    fc.array(bits, { maxLength: 12 }).map((all) => all.join("")),
    fc.array(bits, { minLength: 60, maxLength: 300 }).map((all) => all.join("")),
    fc
      .tuple(fc.integer({ min: 225, max: 265 }), bits, bits, bits)
      .map(([n, ...all]) => "x".repeat(n) + all.join("")),
    fc.string({ unit: "grapheme", maxLength: 20 }),
  )
  .filter((text) => !text.includes("/") && text.isWellFormed());

test("there and back again, for every segment, in names a tree can have", () => {
  fc.assert(
    fc.property(segment, fc.boolean(), (text, beside) => {
      const names = namesOfSegment(text, beside);
      for (const name of names) {
        expect(utf8(name).length).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/^\.{0,2}$|\/|(?![\u0080-\u009f])\p{Cc}/u);
      }
      expect(must(readNames(names))).toEqual({ segments: [text], beside, start: undefined });
    }),
    { numRuns: 2000 },
  );
});

test("back and there again: no two names stand for one segment", () => {
  const name = segment.filter((text) => text !== "" && !/\p{Cc}/u.test(text) && utf8(text).length <= 255);
  fc.assert(
    fc.property(name, (text) => {
      fc.pre(text !== "." && text !== ".." && text !== ".versions");
      const part = must(readName(text));
      if (part.as === "more") return;
      expect(namesOfSegment(part.text, part.as === "beside")).toEqual([text]);
    }),
    { numRuns: 2000 },
  );
});

test("no two keys are shown alike", () => {
  fc.assert(
    fc.property(segment, fc.boolean(), segment, fc.boolean(), (a, besideA, b, besideB) => {
      const same = a === b && besideA === besideB;
      const [x, y] = [namesOfSegment(a, besideA).join("/"), namesOfSegment(b, besideB).join("/")];
      expect(x === y).toBe(same);
    }),
    { numRuns: 2000 },
  );
});
