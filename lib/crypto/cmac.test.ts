import { expect, test } from "bun:test";
import { fromHex, hex } from "../base/bytes.ts";
import { Cmac, cmac } from "./cmac.ts";

const key = fromHex("2b7e151628aed2a6abf7158809cf4f3c")!;
const message = fromHex(
  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
)!;

/** RFC 4493 §4. */
const vectors: [length: number, tag: string][] = [
  [0, "bb1d6929e95937287fa37d129b756746"],
  [16, "070a16b46b4d4144f79bdd9dd04a287c"],
  [40, "dfa66747de9ae63030ca32611497c827"],
  [64, "51f0bebf7e3b9d92fc49741779363cfe"],
];

test.each(vectors)("RFC 4493 example of %d bytes", (length, tag) => {
  expect(hex(cmac(key, message.subarray(0, length)))).toBe(tag);
});

test("one key sums many messages", () => {
  const mac = new Cmac(key);
  for (const [length, tag] of vectors) expect(hex(mac.sum(message.subarray(0, length)))).toBe(tag);
});
