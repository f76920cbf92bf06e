import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { hex, utf8 } from "../base/bytes.ts";
import { crc32c, crc64nvme, type Crc } from "./crc.ts";

const all = { crc32c, crc64nvme };

function sum(crc: Crc, ...pieces: Uint8Array[]): string {
  for (const piece of pieces) crc.update(piece);
  return hex(crc.digest());
}

test("the catalogue's check values of 123456789", () => {
  expect(sum(crc32c(), utf8("123456789"))).toBe("e3069283");
  expect(sum(crc64nvme(), utf8("123456789"))).toBe("ae8b14860a799888");
});

test("RFC 3720 B.4: 32 bytes of zeros, of ones, rising", () => {
  expect(sum(crc32c(), new Uint8Array(32))).toBe("8a9136aa");
  expect(sum(crc32c(), new Uint8Array(32).fill(0xff))).toBe("62a8ab43");
  expect(
    sum(
      crc32c(),
      Uint8Array.from({ length: 32 }, (_, i) => i),
    ),
  ).toBe("46dd794e");
});

test("nothing at all", () => {
  expect(sum(crc32c())).toBe("00000000");
  expect(sum(crc64nvme())).toBe("0000000000000000");
});

test("where the pieces are cut makes no difference", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (bytes, cut) => {
      for (const make of Object.values(all)) {
        expect(sum(make(), bytes.subarray(0, cut), bytes.subarray(cut))).toBe(sum(make(), bytes));
      }
    }),
  );
});
