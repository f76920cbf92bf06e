import type { Entropy } from "../../base/entropy.ts";
import { utf8 } from "../../base/bytes.ts";
import { hmacSha256 } from "../../crypto/hash.ts";
import { Seal } from "../../crypto/seal.ts";
import type { RingTable } from "./key-table.ts";

const keyBytes = 32;

/** The ring's keys in the open, in memory alone. */
export class KeyVault {
  readonly #master: Seal;
  readonly #entropy: Entropy;
  readonly #markKey: Uint8Array;
  readonly #open = new Map<string, Seal>();

  constructor(master: Seal, markKey: Uint8Array, entropy: Entropy) {
    this.#master = master;
    this.#markKey = markKey;
    this.#entropy = entropy;
  }

  /** A fresh version, sealed to be kept. */
  make(id: string, version: number): Uint8Array {
    return this.#master.close(this.#entropy(keyBytes), purposeOf(id, version));
  }

  /** What equal bodies are known by: it tells nothing to who has not the master key. */
  mark(sha256: Uint8Array, seal: string): Uint8Array {
    return hmacSha256(this.#markKey, sha256, utf8(seal));
  }

  freshKey(): Uint8Array {
    return this.#entropy(keyBytes);
  }

  /** What a version of a key seals and opens with; undefined where there is no such version, or another
   *  master key sealed it. */
  of(table: RingTable, id: string, version: number): Seal | undefined {
    const name = purposeOf(id, version);
    const there = this.#open.get(name);
    if (there) return there;
    const sealed = table.sealed(id, version);
    const key = sealed && this.#master.open(sealed, name);
    if (!key) return undefined;
    const seal = new Seal(key, this.#entropy);
    this.#open.set(name, seal);
    return seal;
  }
}

const purposeOf = (id: string, version: number): string => `ring key ${id} ${version}`;
/** What a data key is bound to: it opens with the same context alone. */
export const dataPurpose = (context: string): string => `data key ${context}`;
