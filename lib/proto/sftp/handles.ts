/** Handles a client may have open at once. */
export const maxHandles = 1024;

/** The handles of one session: what the client holds are names of ours for the gate's numbers. Forged, closed
 *  and foreign ones are not found. */
export class Handles {
  readonly #open = new Map<string, { readonly number: number; readonly kind: "file" | "folder" }>();
  #next = 1;
  /** Opened and not yet answered. */
  #reserved = 0;

  /** False where there are too many. */
  reserve(): boolean {
    if (this.#open.size + this.#reserved >= maxHandles) return false;
    this.#reserved++;
    return true;
  }

  /** Keeps the gate's number under a new name, or gives the place back where there is none. */
  settle(number: number | undefined, kind: "file" | "folder"): Uint8Array | undefined {
    this.#reserved--;
    if (number === undefined) return undefined;
    const name = new Uint8Array(4);
    new DataView(name.buffer).setUint32(0, this.#next++);
    this.#open.set(name.toHex(), { number, kind });
    return name;
  }

  find(name: Uint8Array, kind: "file" | "folder"): number | undefined {
    const found = name.length === 4 ? this.#open.get(name.toHex()) : undefined;
    return found?.kind === kind ? found.number : undefined;
  }

  close(name: Uint8Array): number | undefined {
    const found = name.length === 4 ? this.#open.get(name.toHex()) : undefined;
    if (found) this.#open.delete(name.toHex());
    return found?.number;
  }
}
