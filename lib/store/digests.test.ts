import { expect, test } from "bun:test";
import { hex, utf8 } from "../base/bytes.ts";
import type { DigestName } from "./content.ts";
import { checkDigests, digester, digestsOf } from "./digests.ts";

const known: Readonly<Record<DigestName, string>> = {
  md5: "25f9e794323b453885f5181f1b624d0b",
  sha1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
  sha256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
  sha512:
    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a" +
    "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
  crc32: "cbf43926",
  crc32c: "e3069283",
  crc64nvme: "ae8b14860a799888",
  xxhash64: "8cb841db40e6ae83",
  xxhash3: "72dcb18b67a17dff",
  xxhash128: "33119477ede5dcd5e9716427681d5860",
};

test("every checksum of 123456789, in two pieces, at once", () => {
  const names = Object.keys(known) as DigestName[];
  const all = digester(names);
  all.update(utf8("1234"));
  all.update(utf8("56789"));
  const made = all.digest();
  for (const name of names) expect(hex(made[name]!)).toBe(known[name]);
});

test("an announced checksum that differs, or was not made, is refused", () => {
  const made = digestsOf(["md5"], utf8("a"));
  expect(checkDigests({}, made).ok).toBe(true);
  expect(checkDigests(made, made).ok).toBe(true);
  expect(checkDigests(digestsOf(["md5"], utf8("b")), made)).toMatchObject({ fault: { code: "digest" } });
  expect(checkDigests(digestsOf(["sha1"], utf8("a")), made)).toMatchObject({ fault: { code: "digest" } });
});
