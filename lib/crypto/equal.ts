import { timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same, in a time that tells only whether their lengths are. */
export const equalSecrets = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
