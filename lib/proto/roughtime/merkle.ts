import { equalBytes } from "../../base/bytes.ts";
import { sha512 } from "../../crypto/hash.ts";

export const hashBytes = 32;
/** Nodes of a path at most: a tree of so many levels has more leaves than any server answers at once. */
export const mostNodes = 32;

/** The first 32 bytes of SHA-512. */
export const h = (...parts: readonly Uint8Array[]): Uint8Array => sha512(...parts).subarray(0, hashBytes);

export const leafOf = (request: Uint8Array): Uint8Array => h(Uint8Array.of(0), request);
const nodeOf = (left: Uint8Array, right: Uint8Array): Uint8Array => h(Uint8Array.of(1), left, right);

/** A Merkle tree over requests: its root, and each leaf's path of sisters, the lowest first. */
export function treeOf(leaves: readonly Uint8Array[]): { root: Uint8Array; paths: Uint8Array[][] } {
  const paths: Uint8Array[][] = leaves.map(() => []);
  let level = [...leaves];
  for (let height = 0; level.length > 1; height++) {
    if (level.length % 2 === 1) level.push(level.at(-1)!);
    for (const [i, path] of paths.entries()) path.push(level[(i >> height) ^ 1]!);
    level = level.flatMap((left, i) => (i % 2 === 0 ? [nodeOf(left, level[i + 1]!)] : []));
  }
  return { root: level[0]!, paths };
}

/** Whether `leaf` stands at `index` in the tree of that root. Bits of `index` beyond the path must be zero.
 *  */
export function isInTree(leaf: Uint8Array, index: number, path: Uint8Array, root: Uint8Array): boolean {
  const nodes = path.length / hashBytes;
  if (!Number.isInteger(nodes) || nodes > mostNodes || index >= 2 ** nodes) return false;
  let hash = leaf;
  for (let i = 0; i < nodes; i++) {
    const sister = path.subarray(i * hashBytes, (i + 1) * hashBytes);
    hash = Math.floor(index / 2 ** i) % 2 === 0 ? nodeOf(hash, sister) : nodeOf(sister, hash);
  }
  return equalBytes(hash, root);
}
