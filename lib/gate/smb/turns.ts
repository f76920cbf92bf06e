/** Lets those who share wait only for those who do not, and those who do not for everybody; in the order of
 *  asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #sharing: Promise<unknown>[] = [];

  /** Beside others who share. */
  share<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#sharing.push(run.catch(() => {}));
    if (this.#sharing.length > 64) this.#sharing = [Promise.all(this.#sharing)];
    return run;
  }

  /** Alone. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const before = Promise.all([this.#last, ...this.#sharing]);
    this.#sharing = [];
    const run = before.then(work);
    this.#last = run.catch(() => {});
    return run;
  }
}
