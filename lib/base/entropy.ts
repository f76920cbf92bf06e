/** Where randomness comes from: `count` unpredictable bytes. Handed in, so that a test can own it. */
export type Entropy = (count: number) => Uint8Array;

/** A repeatable stream for tests and simulations (xorshift32). Never for anything secret. */
export function seededEntropy(seed: number): Entropy {
  let state = seed | 0 || 0x9e3779b9;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
  return (count) => Uint8Array.from({ length: count }, next);
}
