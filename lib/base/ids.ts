import type { Entropy } from "./entropy.ts";
import type { UnixMs } from "./time.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's: no i, l, o, u

/** Makes names that sort by the time they were made: 10 characters of milliseconds, 16 random ones. */
export function idMaker(wall: () => UnixMs, entropy: Entropy): () => string {
  return () => timeText(wall()) + randomText(entropy, 16);
}

function timeText(ms: number): string {
  let rest = Math.floor(ms);
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = alphabet[rest % 32]! + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Makes 16 characters, never the same twice: eight drawn at the start, then a count. Cheap, not secret. */
export function serialMaker(entropy: Entropy): () => string {
  const start = randomText(entropy, 8).toUpperCase();
  let count = 0;
  return () => start + (++count).toString(32).toUpperCase().padStart(8, "0");
}

/** `length` random characters of five bits each, from digits and unambiguous small letters. */
export function randomText(entropy: Entropy, length: number): string {
  let text = "";
  for (const byte of entropy(length)) text += alphabet[byte & 31]!;
  return text;
}
