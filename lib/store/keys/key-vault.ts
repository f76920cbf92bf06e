import type { Entropy } from "../../base/entropy.ts";
import { Seal } from "../../crypto/seal.ts";
import type { RingTable } from "./key-table.ts";

const keyBytes = 32;

/** The ring's keys in the open, in memory alone. */
export class KeyVault {
  readonly #master: Seal;
  readonly #entropy: Entropy;
  readonly #open = new Map<string, Seal>();

  constructor(master: Seal, entropy: Entropy) {
    this.#master = master;
    this.#entropy = entropy;
  }

  /** A fresh version, sealed to be kept. */
  make(id: string, version: number): Uint8Array {
    return this.#master.close(this.#entropy(keyBytes), purposeOf(id, version));
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
