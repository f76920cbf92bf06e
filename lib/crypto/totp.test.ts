import { expect, test } from "bun:test";
import { utf8 } from "../base/bytes.ts";
import { asUnixMs } from "../base/time.ts";
import { base32, hotpCode, totpStep, totpUri } from "./totp.ts";

const seed = utf8("12345678901234567890");

test("RFC 4226's vectors, and RFC 6238's cut to six digits", () => {
  const codes = Array.from({ length: 10 }, (_, i) => hotpCode(seed, i));
  expect(codes.join(" ")).toBe("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489");
  const at = asUnixMs(1_111_111_109_000);
  expect(totpStep(seed, "081804", at)).toBe(Math.floor(1_111_111_109 / 30));
});

test("a step earlier and later counts, no more", () => {
  const at = asUnixMs(1_000_000 * 30_000);
  for (const [step, good] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const)
    expect([step, totpStep(seed, hotpCode(seed, 1_000_000 + step), at) !== undefined]).toEqual([step, good]);
  for (const bad of ["", "1", "0000000", "abcdef"]) expect(totpStep(seed, bad, at)).toBeUndefined();
});

test("RFC 4648's words in base 32", () => {
  const words = ["f", "fo", "foo", "foob", "fooba", "foobar"].map((word) => base32(utf8(word)));
  expect(words.join(" ")).toBe("MY MZXQ MZXW6 MZXW6YQ MZXW6YTB MZXW6YTBOI");
  expect(totpUri(utf8("foobar"), "ann@x")).toBe(
    "otpauth://totp/Holdfast:ann%40x?secret=MZXW6YTBOI&issuer=Holdfast",
  );
});
