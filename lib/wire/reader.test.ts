import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decode } from "./decode.ts";
import { Malformed, Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Each kind of value: a generator, how it is written and how it is read. */
const kinds = {
  u8: fc.integer({ min: 0, max: 0xff }),
  i8: fc.integer({ min: -128, max: 127 }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  u16le: fc.integer({ min: 0, max: 0xffff }),
  i16: fc.integer({ min: -32768, max: 32767 }),
  u24: fc.integer({ min: 0, max: 0xffffff }),
  u24le: fc.integer({ min: 0, max: 0xffffff }),
  u32: fc.integer({ min: 0, max: 0xffffffff }),
  u32le: fc.integer({ min: 0, max: 0xffffffff }),
  i32: fc.integer(),
  i32le: fc.integer(),
  u64: fc.bigInt(0n, 2n ** 64n - 1n),
  u64le: fc.bigInt(0n, 2n ** 64n - 1n),
  i64: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  i64le: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
} as const;
type Kind = keyof typeof kinds;

const entry = fc.oneof(
  ...Object.entries(kinds).map(([kind, value]) =>
    (value as fc.Arbitrary<number | bigint>).map((v) => [kind as Kind, v] as const),
  ),
);

test("whatever is written is read back, in any order of kinds", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      const w = new Writer(1);
      for (const [kind, value] of entries) (w[kind] as (v: number | bigint) => void).call(w, value);
      const r = new Reader(w.take());
      for (const [kind, value] of entries) expect(r[kind]()).toBe(value);
      r.end();
    }),
  );
});

test("plain names are big-endian, le names little-endian", () => {
  const r = new Reader(Uint8Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3));
  expect(r.u16()).toBe(0x0102);
  expect(r.u16le()).toBe(0x0403);
  r.seek(0);
  expect(r.u24()).toBe(0x010203);
  expect(r.u24le()).toBe(0x060504);
  r.seek(0);
  expect(r.u32le()).toBe(0x04030201);
});

test("garbage of any length gives a value or Malformed, nothing else", () => {
  const names = [...(Object.keys(kinds) as Kind[]), "rest", "end"] as const;
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 24 }),
      fc.array(fc.constantFrom(...names), { maxLength: 20 }),
      (bytes, calls) => {
        const r = new Reader(bytes);
        try {
          for (const call of calls) r[call]();
        } catch (cause) {
          expect(cause).toBeInstanceOf(Malformed);
        }
        expect(r.at + r.remaining).toBe(bytes.length);
      },
    ),
  );
});

test("counts that no buffer could have are Malformed", () => {
  for (const count of [-1, 5, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY]) {
    const r = new Reader(new Uint8Array(4));
    expect(() => r.bytes(count)).toThrow(Malformed);
    expect(() => r.skip(count)).toThrow(Malformed);
    expect(() => r.seek(count)).toThrow(Malformed);
  }
});

test("align skips to a multiple from the start, and a part counts for itself", () => {
  const r = new Reader(Uint8Array.of(9, 0, 0, 0, 7, 8, 0, 0));
  expect(r.u8()).toBe(9);
  r.align(4);
  r.align(4);
  const part = r.part(2);
  expect([part.u8(), part.u8(), part.remaining, r.at]).toEqual([7, 8, 0, 6]);
});

test("decode turns Malformed into the fault invalid, and leaves bugs alone", () => {
  expect(decode((r) => r.u32(), Uint8Array.of(0, 0, 1, 0))).toEqual({ ok: true, value: 256 });
  const short = decode((r) => r.u32(), Uint8Array.of(1));
  expect(!short.ok && short.fault.code).toBe("invalid");
  expect(() =>
    decode(() => {
      throw new TypeError("bug");
    }, new Uint8Array(0)),
  ).toThrow(TypeError);
});

test("a length is patched in after the fact; a patch outside is a bug", () => {
  const w = new Writer(2);
  w.u16(0);
  w.bytes(Uint8Array.of(1, 2, 3));
  w.align(4);
  w.patchU16(0, w.length);
  expect([...w.view()]).toEqual([0, 8, 1, 2, 3, 0, 0, 0]);
  expect(() => w.patchU32(6, 1)).toThrow(RangeError);
  w.clear();
  w.zeros(3);
  expect([...w.take()]).toEqual([0, 0, 0]);
});
