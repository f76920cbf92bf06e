/** What a witness signed, against our oscillator: true time was ahead of it by `low` to `high` seconds, when
 *  it
 *  showed `at`. */
export interface Testimony {
  readonly at: number;
  readonly low: number;
  readonly high: number;
}

/** Seconds a second that an oscillator may be wrong by, whatever is known of it. */
const worstRate = 500e-6;
/** Testimony older than this is forgotten. */
const longest = 86_400;

/** What few witnesses with signatures say of the time, roughly: a fence that a majority of sources may not
 *  lead
 *  us across. Most witnesses must agree on it; where they do not there is no fence. */
export class Fence {
  readonly #said = new Map<string, Testimony>();

  take(witness: string, testimony: Testimony): void {
    this.#said.set(witness, testimony);
  }

  forget(): void {
    this.#said.clear();
  }

  /** Where true time lies as of `now`, ahead of the oscillator; undefined where nobody says, or no majority
   *  agrees. */
  at(now: number): readonly [low: number, high: number] | undefined {
    const spans = [...this.#said.values()]
      .filter(({ at }) => now - at < longest)
      .map(({ at, low, high }) => [low - worstRate * (now - at), high + worstRate * (now - at)] as const);
    const edges = spans.flatMap(([low, high]) => [low, high]);
    const shared = edges
      .map((edge) => spans.filter(([low, high]) => low <= edge && edge <= high))
      .sort((a, b) => b.length - a.length)[0];
    if (!shared || shared.length * 2 <= spans.length) return undefined;
    return [Math.max(...shared.map(([low]) => low)), Math.min(...shared.map(([, high]) => high))];
  }

  /** By how many seconds a claim of `offset` ± `distance` lies outside; 0: it does not. */
  outside(now: number, offset: number, distance: number): number {
    const fence = this.at(now);
    if (!fence) return 0;
    if (offset + distance < fence[0]) return offset + distance - fence[0];
    return Math.max(0, offset - distance - fence[1]);
  }
}
