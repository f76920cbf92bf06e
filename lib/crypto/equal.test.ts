import { expect, test } from "bun:test";
import { equalSecrets } from "./equal.ts";

test("equal only where every byte is", () => {
  expect(equalSecrets(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalSecrets(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalSecrets(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
  expect(equalSecrets(new Uint8Array(0), new Uint8Array(0))).toBe(true);
});
