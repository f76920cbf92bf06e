import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { must } from "../base/result.ts";
import { diskName, shownName } from "./posix-names.ts";

const diskBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 8 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc
    .array(fc.constantFrom([0xee, 0xbc, 0x80], [0xee, 0xbf], [0xc3, 0xa9], [0xff], [0x0a], [0x61]), {
      minLength: 1,
    })
    .map((all) => Uint8Array.from(all.flat())),
);

test("ordinary names are themselves", () => {
  for (const name of ["a", "é", "e\u0301", "\u{1f600}", "caf%C3%A9", " ", "\u0085"]) {
    expect(shownName(Buffer.from(name))).toBe(name);
    expect(must(diskName(name))).toEqual(Buffer.from(name));
  }
  expect(shownName(Uint8Array.of(0x61, 0xff, 0x0a))).toBe("a\uefff\uef0a");
});

test("every name on disk has one text, which finds it again", () => {
  fc.assert(
    fc.property(diskBytes, (bytes) => {
      fc.pre(!bytes.includes(0) && !bytes.includes(0x2f));
      const shown = shownName(bytes);
      expect(shown.isWellFormed() && !/\p{Cc}/u.test(shown.replaceAll(/[\u0080-\u009f]/g, ""))).toBe(true);
      expect(Buffer.compare(must(diskName(shown)), bytes)).toBe(0);
    }),
    { numRuns: 3000 },
  );
});

test("a text that no name is shown by is refused, never another file", () => {
  expect(diskName("\uefc3\uefa9").ok).toBe(false);
  expect(diskName("a\nb").ok).toBe(false);
  expect(diskName("\uef00").ok).toBe(false);
  expect(diskName("\uef2f").ok).toBe(false);
  expect(diskName("\uef41").ok).toBe(false);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "é", "\uefff", "\uefc3", "\uefa9", "\uef0a", "\uefee"), { minLength: 1 }),
      (all) => {
        const name = all.join("");
        const found = diskName(name);
        if (found.ok) expect(shownName(found.value)).toBe(name);
      },
    ),
  );
});
