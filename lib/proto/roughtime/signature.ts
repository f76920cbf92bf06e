import { concat, utf8 } from "../../base/bytes.ts";

/** What is signed begins with what it is, and a zero byte. */
const contexts = {
  response: utf8("RoughTime v1 response signature\0"),
  delegation: utf8("RoughTime v1 delegation signature\0"),
} as const;

export const signedPart = (what: keyof typeof contexts, bytes: Uint8Array): Uint8Array =>
  concat([contexts[what], bytes]);

/** Version 1, and the last draft's number for it. */
export const versions = [1, 0x8000000c] as const;
