import { concat, utf8 } from "../../base/bytes.ts";

/** Version 1, and the number that its last drafts had. */
export const versions = [1, 0x8000000c] as const;
export type Version = (typeof versions)[number];

/** What is signed begins with what it is, and a zero byte; the drafts wrote the name with a capital T. */
const names: Record<Version, string> = { 1: "Roughtime", 0x8000000c: "RoughTime" };

export const signedPart = (
  what: "response" | "delegation",
  version: Version,
  bytes: Uint8Array,
): Uint8Array => concat([utf8(`${names[version]} v1 ${what} signature\0`), bytes]);
