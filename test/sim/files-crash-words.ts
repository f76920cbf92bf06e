/** What a file of this name holds: 1 byte to 700 kB, its own. */
export function contentOf(name: string): Uint8Array {
  const hash = Number(Bun.hash(name) % 700_000n) + 1;
  return Uint8Array.from({ length: hash }, (_, i) => (i * 31 + hash + (i >> 8)) & 255);
}
