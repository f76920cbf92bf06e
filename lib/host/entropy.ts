import type { Entropy } from "../base/entropy.ts";

const poolBytes = 8192;

/** The system's own randomness, fetched in blocks; no byte is given out twice. */
export function systemEntropy(): Entropy {
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  return (count) => {
    if (count > poolBytes) return large(count);
    if (used + count > poolBytes) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + count);
    pool.fill(0, used, used + count);
    used += count;
    return bytes;
  };
}

function large(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}
