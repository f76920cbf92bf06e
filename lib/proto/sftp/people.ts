const maxNames = 10_000;

/** Version 3 tells owners by number, and a client asks for their names by number again. Owners here have
 *  names alone: each gets a number made of its name, remembered as long as the conversation lasts. */
export class People {
  readonly #names = new Map<number, string>();

  /** 1000 and above; the same name has the same number everywhere. */
  numberOf(name: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    const number = 1000 + ((hash >>> 0) % 0x7fff_0000);
    if (this.#names.size < maxNames) this.#names.set(number, name);
    return number;
  }

  /** "" where nobody of that number was shown. */
  nameOf(number: number): string {
    return this.#names.get(number) ?? "";
  }
}
