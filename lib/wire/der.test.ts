import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { hex } from "../base/bytes.ts";
import { decode } from "./decode.ts";
import { derBytes, derTag, readDer, readDerAs } from "./der.ts";

test("the lengths of X.690 §8.1.3", () => {
  expect(hex(derBytes(derTag.octets, Uint8Array.of(1, 2)))).toBe("04020102");
  expect(hex(derBytes(derTag.octets, new Uint8Array(200)).subarray(0, 3))).toBe("0481c8");
  expect(hex(derBytes(derTag.octets, new Uint8Array(300)).subarray(0, 4))).toBe("0482012c");
});

test("what is written is read back", () => {
  const tags = fc.integer({ min: 0, max: 255 }).filter((tag) => (tag & 0x1f) !== 0x1f);
  fc.assert(
    fc.property(tags, fc.uint8Array({ maxLength: 400 }), (tag, content) => {
      const back = decode(readDer, derBytes(tag, content));
      expect(back).toEqual({ ok: true, value: { tag, content } });
    }),
  );
});

test("garbage is malformed or an element, never a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      decode((r) => {
        while (r.remaining > 0) readDer(r);
      }, bytes);
    }),
  );
});

test.each(["3080", "1f0100", "0485010000000000", "0405ff"])("%s is malformed", (text) => {
  expect(decode(readDer, Uint8Array.fromHex(text)).ok).toBe(false);
});

test("another tag than the wanted one is malformed", () => {
  expect(decode((r) => readDerAs(r, derTag.oid), derBytes(derTag.octets)).ok).toBe(false);
});
