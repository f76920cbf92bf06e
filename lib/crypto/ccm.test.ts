import { expect, test } from "bun:test";
import { concat, fromHex, hex } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { openCcm, sealCcm } from "./ccm.ts";

/** Made with OpenSSL's native AES-CCM: bytes 00 01 02 … as key, nonce, associated data and plain text. */
const vectors: [key: number, nonce: number, aad: number, plain: number, sealed: string][] = [
  [16, 13, 8, 23, "1635b68b570cfc85529e39ac913910d7f31116316238678478ed1ff178abacb64ca3b76dc8cc7e"],
  [16, 11, 32, 0, "f93ba35ebcb9d60fdadb6d088f9a2092"],
  [
    16,
    11,
    32,
    100,
    "3f9d27a8d24d377bc99102839785c46452e44653e5f3f27e8d45397d62f227721ae7e08fb8cf0dcfc45d2ddb" +
      "66567ffa8dfe2112bae1c2723f4a50467cb692119567631b451e2b63a99be18c05138b8582223262a856cd8b" +
      "925ccbb56f3bffe53c67b1b51f51a3e5400d11da3eccd77f1a9fb2da",
  ],
  [
    32,
    11,
    32,
    64,
    "73c113655e45b593b7fd1cbe14cad2d44cf59209b34ebc3232ef2369c9f9e27604466b5ca043e6e6d8a5cd2b" +
      "60c44758e4565b6bfe0aa17744ed163dcea8a617ecf6812aebb0ce6393d903f80940fd77",
  ],
  [32, 12, 0, 17, "8ad4ba153a2acf90a4c0bb28013d524b2d6c99ad0c7142a5bce97545cb5cab4e88"],
];

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);

test.each(vectors)("key %d nonce %d associated %d plain %d", (key, nonce, aad, plain, sealed) => {
  const made = sealCcm(counting(key), counting(nonce), counting(aad), counting(plain));
  expect(hex(concat([made.bytes, made.tag]))).toBe(sealed);
});

test("what was sealed opens, and nothing else does", () => {
  const entropy = seededEntropy(7);
  for (let size = 0; size < 70; size++) {
    const [key, nonce, aad, plain] = [entropy(size % 2 ? 16 : 32), entropy(11), entropy(32), entropy(size)];
    const sealed = sealCcm(key, nonce, aad, plain);
    expect(openCcm(key, nonce, aad, sealed)).toEqual(plain);
    const bent = sealed.tag.map((byte, i) => (i === size % 16 ? byte ^ 1 : byte));
    expect(openCcm(key, nonce, aad, { bytes: sealed.bytes, tag: bent })).toBeUndefined();
    expect(openCcm(key, nonce, aad, { bytes: sealed.bytes, tag: sealed.tag.subarray(1) })).toBeUndefined();
    expect(openCcm(key, nonce, fromHex("00")!, sealed)).toBeUndefined();
  }
});
