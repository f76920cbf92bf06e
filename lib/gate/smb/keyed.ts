/** Lets work on the same key wait for its turn, in the order of asking; different keys do not wait. */
export class Keyed {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const wanted = [...new Set(keys)];
    const before = wanted.map((key) => this.#last.get(key) ?? Promise.resolve());
    let release = (): void => {};
    const turn = new Promise<void>((yes) => (release = yes));
    const mine = Promise.all([...before, turn]);
    for (const key of wanted) this.#last.set(key, mine);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      release();
      for (const key of wanted) if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
