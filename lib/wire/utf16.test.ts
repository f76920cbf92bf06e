import { expect, test } from "bun:test";
import { hex } from "../base/bytes.ts";
import { utf16, utf16Text } from "./utf16.ts";

test("text comes back, unpaired surrogates too", () => {
  expect(hex(utf16("aß€"))).toBe("6100df00ac20");
  for (const text of ["", "home", "𝄞 clef", "\ud800 alone", "\0"]) expect(utf16Text(utf16(text))).toBe(text);
});

test("an odd byte at the end is left out", () => {
  expect(utf16Text(Uint8Array.of(0x61, 0, 0x62))).toBe("a");
});
