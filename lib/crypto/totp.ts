import { createHmac } from "node:crypto";
import type { UnixMs } from "../base/time.ts";
import { equalTexts } from "./equal.ts";

const stepMs = 30_000;
const digits = 6;
/** Steps before and after that still count: clocks differ, and typing takes time. */
const drift = 1;

/** RFC 4226 §5.3: the code of one counter. */
export function hotpCode(seed: Uint8Array, counter: number): string {
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(counter));
  const mac = createHmac("sha1", seed).update(new Uint8Array(message.buffer)).digest();
  const at = mac[19]! & 15;
  const number = mac.readUInt32BE(at) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** RFC 6238: the step whose code it is, or undefined. A step that was used once must not be used again: the
 *  caller remembers the last one. */
export function totpStep(seed: Uint8Array, code: string, at: UnixMs): number | undefined {
  const now = Math.floor(at / stepMs);
  let found: number | undefined;
  for (let step = now - drift; step <= now + drift; step++) {
    if (equalTexts(hotpCode(seed, step), code)) found = step;
  }
  return found;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6, without padding: how authenticators read a seed. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const pair = (bytes[bit >> 3]! << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += alphabet[(pair >> (11 - (bit & 7))) & 31];
  }
  return text;
}

/** What an authenticator's camera reads (Google's Key URI Format). */
export const totpUri = (seed: Uint8Array, user: string): string =>
  `otpauth://totp/Holdfast:${encodeURIComponent(user)}?secret=${base32(seed)}&issuer=Holdfast`;
