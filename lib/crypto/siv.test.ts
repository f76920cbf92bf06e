import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, hex } from "../base/bytes.ts";
import { Siv } from "./siv.ts";

const bytes = (text: string): Uint8Array => fromHex(text.replaceAll(/\s/g, ""))!;

test("RFC 5297 A.1: deterministic, one header", () => {
  const siv = new Siv(bytes("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
  const header = bytes("101112131415161718191a1b1c1d1e1f2021222324252627");
  const plain = bytes("112233445566778899aabbccddee");
  const sealed = siv.seal([header], plain);
  expect(hex(sealed)).toBe("85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c");
  expect(siv.open([header], sealed)).toEqual(plain);
});

test("RFC 5297 A.2: two headers and a nonce", () => {
  const siv = new Siv(bytes("7f7e7d7c7b7a79787776757473727170 404142434445464748494a4b4c4d4e4f"));
  const first = "00112233445566778899aabbccddeeff deaddadadeaddadaffeeddccbbaa9988 7766554433221100";
  const headers = [bytes(first), bytes("102030405060708090a0"), bytes("09f911029d74e35bd84156c5635688c0")];
  const plain = new TextEncoder().encode("this is some plaintext to encrypt using SIV-AES");
  const sealed = siv.seal(headers, plain);
  const wanted = `7bdb6e3b432667eb06f4d14bff2fbd0f cb900f2fddbe404326601965c889bf17
    dba77ceb094fa663b7a3f748ba8af829 ea64ad544a272e9c485b62a3fd5c0d`;
  expect(hex(sealed)).toBe(hex(bytes(wanted)));
  expect(siv.open(headers, sealed)).toEqual(plain);
});

test("what is sealed is opened, and one changed bit anywhere is noticed", () => {
  const some = fc.uint8Array({ maxLength: 80 });
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(key, some, some, some, fc.nat(), (key, header, nonce, plain, at) => {
      const siv = new Siv(key);
      const sealed = siv.seal([header, nonce], plain);
      expect(siv.open([header, nonce], sealed)).toEqual(plain);
      sealed[at % sealed.length]! ^= 1 << (at % 8);
      expect(siv.open([header, nonce], sealed)).toBeUndefined();
      expect(siv.open([header, nonce], sealed.subarray(0, 15))).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});
