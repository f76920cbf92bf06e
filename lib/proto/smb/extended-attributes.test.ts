import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  changedAttributes,
  eaNamesIn,
  extendedAttributesBytes,
  extendedAttributesIn,
} from "./extended-attributes.ts";

const value = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const ea = (name: string, text: string) => ({ flags: 0, name, value: value(text) });

test("a list comes back as it was written, and garbage is none", () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9._ -]{1,40}$/);
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
  const one = fc.record({ flags: fc.constantFrom(0, 0x80), name, value: bytes });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), (list) => {
      expect(extendedAttributesIn(extendedAttributesBytes(list))).toEqual(list);
    }),
    { numRuns: 50 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (some) => void extendedAttributesIn(some)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (some) => void eaNamesIn(some)));
});

test("an attribute is replaced whatever its case, and goes with an empty value", () => {
  const before = [ea("User.One", "1"), ea("two", "2")];
  expect(changedAttributes(before, [ea("USER.ONE", "new"), ea("two", "")])).toEqual([ea("USER.ONE", "new")]);
});

test("a name with what no name may have is refused", () => {
  expect(extendedAttributesIn(extendedAttributesBytes([ea("a=b", "1")]))).toBeUndefined();
});
