/** Of one handle, which requests its client sent before a connection failed, and which after: what is too
 *  old may not undo what came later (MS-SMB2 §3.3.5.2.10). */
export class ChannelSequence {
  #sequence: number;
  /** Counts how often the client's number moved on: it may come round to one that was there before. */
  #age = 0;
  /** Requests under way with the present number, and with earlier ones. */
  #current = 0;
  #earlier = 0;

  constructor(sequence: number) {
    this.#sequence = sequence;
  }

  /** A request begins; undefined where it may not. `changes`: it writes. What is given back ends it. */
  enter(
    sequence: number,
    { replay, changes }: { replay: boolean; changes: boolean },
  ): (() => void) | undefined {
    const ahead = (sequence - this.#sequence) & 0xffff;
    if (ahead > 0x7fff) {
      if (changes) return undefined;
      this.#earlier++;
      return () => void this.#earlier--;
    }
    if (ahead > 0) this.#moveOn(sequence);
    if (changes && replay && this.#earlier > 0) return undefined;
    this.#current++;
    const age = this.#age;
    return () => {
      if (age === this.#age) this.#current--;
      else this.#earlier--;
    };
  }

  #moveOn(sequence: number): void {
    this.#earlier += this.#current;
    this.#current = 0;
    this.#sequence = sequence;
    this.#age++;
  }
}
