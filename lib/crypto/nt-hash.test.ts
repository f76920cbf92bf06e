import { expect, test } from "bun:test";
import { hex, utf8 } from "../base/bytes.ts";
import { hmacMd5, hmacSha256, md5, sha256, sha512 } from "./hash.ts";
import { ntHash } from "./nt-hash.ts";
import { rc4 } from "./rc4.ts";

test("the NT hash of MS-NLMP §4.2.2.1.2 and of nothing", () => {
  expect(hex(ntHash("Password"))).toBe("a4f49c406510bdcab6824ee7c30fd852");
  expect(hex(ntHash(""))).toBe("31d6cfe0d16ae931b73c59d7e0c089c0");
});

test("the NTLMv2 key of MS-NLMP §4.2.4.1.1", () => {
  const name = Uint8Array.from(Buffer.from("USERDomain", "utf16le"));
  expect(hex(hmacMd5(ntHash("Password"), name))).toBe("0c868a403bfd7a93a3001ef22ef02e3f");
});

/** RFC 6229's key of 128 bits, and the oldest published pair. */
test("RC4", () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  expect(hex(rc4(key, new Uint8Array(16)))).toBe("9ac7cc9a609d1ef7b2932899cde41b97");
  expect(hex(rc4(utf8("Key"), utf8("Plaintext")))).toBe("bbf316e8d940af0ad3");
});

test("parts are hashed as one message", () => {
  const [a, b] = [utf8("a"), utf8("bc")];
  expect(hex(md5(a, b))).toBe("900150983cd24fb0d6963f7d28e17f72");
  expect(hex(sha256(a, b))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hex(sha512(a, b)).slice(0, 16)).toBe("ddaf35a193617aba");
  // RFC 4231 case 2
  expect(hex(hmacSha256(utf8("Jefe"), utf8("what do ya "), utf8("want for nothing?")))).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
