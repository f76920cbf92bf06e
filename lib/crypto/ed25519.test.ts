import { expect, test } from "bun:test";
import { hex, utf8 } from "../base/bytes.ts";
import { isSigned, keyFingerprint, signed, signingKey, signingKeyOf } from "./ed25519.ts";

test("RFC 8032 §7.1, test 2", () => {
  const seed = Uint8Array.fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const key = signingKey(seed);
  const signature = signed(key, Uint8Array.fromHex("72"));
  expect(hex(signature)).toBe(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  expect(isSigned(key.publicPem, Uint8Array.fromHex("72"), signature)).toBe(true);
  expect(isSigned(key.publicPem, Uint8Array.fromHex("73"), signature)).toBe(false);
});

test("keys are read back from PEM, and nothing else is", () => {
  const key = signingKey(new Uint8Array(32).fill(7));
  expect(signingKeyOf(key.privatePem)).toEqual(key);
  expect(keyFingerprint(key.publicPem)).toMatch(/^[0-9a-f]{16}$/);
  expect(signingKeyOf("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).toBeUndefined();
  expect(isSigned("nonsense", utf8("x"), new Uint8Array(64))).toBe(false);
  expect(isSigned(key.publicPem, utf8("x"), new Uint8Array(3))).toBe(false);
});
