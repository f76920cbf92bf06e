/** Items in order, sorted no further than they are taken: the first thousand of a million cost about one look
 *  at each, and all of them together what sorting costs (incremental quicksort, Paredes and Navarro 2006). */
export class SortedOnDemand<T> {
  readonly #items: T[];
  readonly #compare: (a: T, b: T) => number;
  /** Ends of the parts that are still unsorted within, the nearest last: what is before each end precedes
   *  what is after it. */
  readonly #ends: number[];
  #next = 0;

  /** `items` belongs to this from now on. */
  constructor(items: T[], compare: (a: T, b: T) => number) {
    this.#items = items;
    this.#compare = compare;
    this.#ends = [items.length];
  }

  get left(): number {
    return this.#items.length - this.#next;
  }

  /** The next `count`, fewer at the end. */
  take(count: number): T[] {
    const taken: T[] = [];
    while (taken.length < count && this.left > 0) taken.push(this.#take());
    return taken;
  }

  #take(): T {
    const ends = this.#ends;
    while (ends.at(-1) === this.#next) ends.pop();
    while (ends.at(-1)! - this.#next > 64) this.#split(ends.at(-1)!);
    const end = ends.at(-1)!;
    if (end > this.#next + 1) this.#sort(end);
    return this.#items[this.#next++]!;
  }

  /** Sorts a small part and marks each of its items as a part of its own. */
  #sort(end: number): void {
    const part = this.#items.slice(this.#next, end).sort(this.#compare);
    for (let i = 0; i < part.length; i++) this.#items[this.#next + i] = part[i]!;
    for (let at = end - 1; at > this.#next; at--) this.#ends.push(at);
  }

  /** Parts what lies before `end` into two, by one of its items. */
  #split(end: number): void {
    const items = this.#items;
    const from = this.#next;
    const middle = from + Math.floor(Math.random() * (end - from));
    const pivot = items[middle]!;
    items[middle] = items[end - 1]!;
    let low = from;
    for (let at = from; at < end - 1; at++) {
      const item = items[at]!;
      if (this.#compare(item, pivot) >= 0) continue;
      items[at] = items[low]!;
      items[low++] = item;
    }
    items[end - 1] = items[low]!;
    items[low] = pivot;
    this.#ends.push(low + 1);
    if (low > from) this.#ends.push(low);
  }
}
