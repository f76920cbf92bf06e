/** How many credits one client may hold. */
export const maxCredits = 8192;

/** The MessageIds a client may still use, each once (MS-SMB2 §3.3.1.1). A client that leaves one out holds
 *  the window's low end back, and cannot go past it by more than twice what it may hold. */
export class CreditWindow {
  #low = 0n;
  #high = 1n;
  readonly #used = new Set<bigint>();
  #held = 1;

  /** Takes `charge` ids from `first` on; false where one is not granted or was used before. */
  spend(first: bigint, charge: number): boolean {
    const past = first + BigInt(charge);
    if (first < this.#low || past > this.#high) return false;
    for (let id = first; id < past; id++) if (this.#used.has(id)) return false;
    for (let id = first; id < past; id++) this.#used.add(id);
    while (this.#used.delete(this.#low)) this.#low += 1n;
    this.#held -= charge;
    return true;
  }

  /** How many of the `asked` are given: always enough that the client can go on. */
  grant(asked: number): number {
    const span = Number(this.#high - this.#low);
    const room = Math.min(maxCredits - this.#held, 2 * maxCredits - span);
    const given = Math.max(0, Math.min(Math.max(asked, 1), room));
    this.#high += BigInt(given);
    this.#held += given;
    return given;
  }
}

/** MS-SMB2 §3.3.5.2.5: what a transfer of so many bytes costs. */
export const chargeOf = (bytes: number): number => 1 + Math.floor(Math.max(0, bytes - 1) / 65536);
