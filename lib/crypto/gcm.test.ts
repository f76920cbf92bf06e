import { expect, test } from "bun:test";
import { empty, fromHex, hex } from "../base/bytes.ts";
import { gmac, openGcm, sealGcm } from "./gcm.ts";

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);

test("the GCM specification's test cases 1 and 2", () => {
  const zero = new Uint8Array(16);
  const nonce = new Uint8Array(12);
  expect(hex(gmac(zero, nonce, empty))).toBe("58e2fccefa7e3061367f1d57a4e7455a");
  const sealed = sealGcm(zero, nonce, empty, zero);
  expect(hex(sealed.bytes)).toBe("0388dace60b6a392f328c2b971b2fe78");
  expect(hex(sealed.tag)).toBe("ab6e47d42cec13bdf53a67b21257bddf");
});

/** An ECHO response that a Samba client checked: flags 9, MessageId 5. */
test("SMB's GMAC signature", () => {
  const header = `fe534d4240000000000000000d00000009000000000000000500000000000000${"00".repeat(32)}`;
  const nonce = fromHex("050000000000000001000000")!;
  expect(hex(gmac(counting(16), nonce, fromHex(`${header}04000000`)!))).toBe(
    "fa52f7f28340b15d27c6c5f41b96670a",
  );
});

test.each([16, 32])("what a key of %d bytes sealed opens, and nothing else does", (size) => {
  const [key, nonce, aad, plain] = [counting(size), counting(12), counting(20), counting(100)];
  const sealed = sealGcm(key, nonce, aad, plain);
  expect(hex(openGcm(key, nonce, aad, sealed)!)).toBe(hex(plain));
  expect(openGcm(key, nonce, counting(21), sealed)).toBeUndefined();
  expect(openGcm(key, nonce, aad, { ...sealed, tag: sealed.tag.subarray(4) })).toBeUndefined();
});
