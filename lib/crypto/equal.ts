import { timingSafeEqual } from "node:crypto";
import { utf8 } from "../base/bytes.ts";

/** Whether two secrets are the same, in a time that tells only whether their lengths are. */
export const equalSecrets = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

/** The same of two texts. */
export const equalTexts = (a: string, b: string): boolean => equalSecrets(utf8(a), utf8(b));
