const slots = 64;
const unused = 0xff;

/** Of one handle, which LOCK requests have been answered, so that one that is sent again is not done again
 *  (MS-SMB2 §3.3.5.14). */
export class LockReplay {
  readonly #answered = new Uint8Array(slots).fill(unused);

  /** Whether a request of this sequence was a success already. Else its slot is free for it. */
  isKnown(sequence: number): boolean {
    const slot = slotOf(sequence);
    if (slot === undefined) return false;
    if (this.#answered[slot] === (sequence & 0xf)) return true;
    this.#answered[slot] = unused;
    return false;
  }

  succeeded(sequence: number): void {
    const slot = slotOf(sequence);
    if (slot !== undefined) this.#answered[slot] = sequence & 0xf;
  }
}

/** The low 4 bits are a number, the others name one of the slots 1 to 64; every other is none. */
function slotOf(sequence: number): number | undefined {
  const index = sequence >>> 4;
  return index >= 1 && index <= slots ? index - 1 : undefined;
}
