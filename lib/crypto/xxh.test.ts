import { expect, test } from "bun:test";
import { xxh128, xxh3 } from "./xxh3.ts";
import { xxh64, type Xxh } from "./xxh64.ts";

const bytes = new Uint8Array(5000).map((_, i) => i * 31 + (i >> 8) * 7);

/** In pieces of every length. */
function hashed(make: () => Xxh, size: number): string {
  const running = make();
  for (let at = 0; at < size;) {
    const to = Math.min(size, at + 1 + ((at * 7 + size) % 97));
    running.update(bytes.subarray(at, to));
    at = to;
  }
  return running.digest().toHex();
}

const text = (value: bigint): string => value.toString(16).padStart(16, "0");

test("XXH64 and XXH3 are what the runtime's own are, at every size", () => {
  for (let size = 0; size <= 1400; size++) {
    const input = bytes.subarray(0, size);
    expect([size, hashed(xxh64, size)]).toEqual([size, text(Bun.hash.xxHash64(input))]);
    expect([size, hashed(xxh3, size)]).toEqual([size, text(Bun.hash.xxHash3(input))]);
  }
});

/** What `xxhsum -H2` says of the first so many bytes. */
const xxhsum: Readonly<Record<number, string>> = {
  0: "99aa06d3014798d86001c324468d497f",
  1: "a6cd5e9392000f6ac44bdff4074eecdb",
  3: "4af3603b5bd30dfe3698b80191e625f9",
  4: "11527735d62fce43eecdfa5a3b083ba8",
  8: "791e22cdc30880ba073a25812fe4f600",
  9: "22775b5e55c2ace94557529981ebbef0",
  16: "8d0b1cd2088b9620843f49fff931d541",
  17: "340f6f9202ad1131a378e80882221151",
  128: "9ac3a2d505dc8bbaffb5b9abed8b314d",
  129: "4f3f783d604d0184c83022477e6bf25a",
  240: "550b8ce07c44bc98c018ce69a32b5a7c",
  241: "8e7e1f2fe4156df918773c512b008a63",
  1024: "abbb6dfb2876b32db2ac1d11fd7b209b",
  1025: "898ab9701dfb9d7bc7fd981796d2137a",
  4999: "84e1a1451f5807951e03ab01419614d3",
};
for (const [size, expected] of Object.entries(xxhsum)) {
  test(`XXH128 of ${size} bytes`, () => expect(hashed(xxh128, Number(size))).toBe(expected));
}
