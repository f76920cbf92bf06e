import { expect, test } from "bun:test";
import { fromHex, hex, utf8 } from "../base/bytes.ts";
import { deriveKey } from "./kdf.ts";

/** SMB 3.0's keys of one session, as published with the protocol's test suites. */
const session = fromHex("e51d23a3bc4df1b537b561a26d452ad1")!;
const vectors: [label: string, context: string, key: string][] = [
  ["SMB2AESCMAC\0", "SmbSign\0", "ea3f6a795ae6e8a50835426c9eb72f3f"],
  ["SMB2AESCCM\0", "ServerIn \0", "d8450846a5cdaa2adfe257abb446ae94"],
  ["SMB2AESCCM\0", "ServerOut\0", "328e5a2ac3ec5459296d74b401ee22ed"],
  ["SMB2APP\0", "SmbRpc\0", "e99b0aa9ee56116a6064943254036586"],
];

test.each(vectors)("SMB 3.0 %j %j", (label, context, key) => {
  expect(hex(deriveKey(session, utf8(label), utf8(context), 16))).toBe(key);
});

test("SMB 3.1.1, 128 and 256 bits", () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i);
  const preauth = new Uint8Array(64);
  expect(hex(deriveKey(key, utf8("SMBSigningKey\0"), preauth, 16))).toBe("2fab293c2407aee00540e02b1c496633");
  expect(hex(deriveKey(key, utf8("SMBC2SCipherKey\0"), preauth, 32))).toBe(
    "4d8a350edd83d0132cd9dfdf4724ecb1736e414aef726195379dafd31f1c0272",
  );
});
