import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { copyChunkBytes, copyChunksIn, fileOfKey, rangeBytes, rangeIn, resumeKey } from "./copy-chunk.ts";

const u64 = fc.bigInt(0n, 0xffff_ffff_ffff_ffffn);
const chunk = fc.record({ from: u64, to: u64, length: fc.nat(0xffffffff) });

test("a copy's request comes back, and garbage is none or a request", () => {
  const copy = fc.record({
    key: fc.uint8Array({ minLength: 24, maxLength: 24 }),
    chunks: fc.array(chunk, { maxLength: 6 }),
  });
  fc.assert(fc.property(copy, (copy) => expect(copyChunksIn(copyChunkBytes(copy))).toEqual(copy)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void [copyChunksIn(bytes), rangeIn(bytes)]),
  );
});

test("a key names its file; a range comes back", () => {
  fc.assert(
    fc.property(u64, u64, (a, b) => {
      expect(fileOfKey(resumeKey(a, new Uint8Array(16)))).toBe(a);
      expect(rangeIn(rangeBytes(a, b))).toEqual({ first: a, second: b });
    }),
  );
});
