import { compareBytes, equalBytes } from "../../base/bytes.ts";
import type { Announcement } from "./message.ts";

/** A master that announces itself, as it was last heard. */
export interface ForeignMaster {
  readonly source: Uint8Array;
  readonly announcement: Announcement;
  readonly flags: number;
}

/** §9.3.4, the data set comparison: below zero where `a` is the better master. */
export function compareMasters(a: ForeignMaster, b: ForeignMaster): number {
  const [x, y] = [a.announcement, b.announcement];
  if (!equalBytes(x.grandmaster, y.grandmaster)) {
    return (
      x.priority1 - y.priority1 ||
      x.clockClass - y.clockClass ||
      x.accuracy - y.accuracy ||
      x.variance - y.variance ||
      x.priority2 - y.priority2 ||
      compareBytes(x.grandmaster, y.grandmaster)
    );
  }
  return x.steps - y.steps || compareBytes(a.source, b.source);
}

const mostMasters = 16;
/** §9.3.2.4.4: so many announcements within four intervals make a master one that qualifies. */
const wanted = 2;
const window = 4;

interface Heard {
  readonly master: ForeignMaster;
  readonly interval: number;
  readonly at: number[];
}

/** The masters of a domain: who announced, and who is the best of those that qualify. Times are seconds on
 *  any
 *  steady clock. */
export class ForeignMasters {
  readonly #heard = new Map<string, Heard>();
  /** Announcements missed before a master is given up (§7.7.3.1). */
  readonly #timeout: number;

  constructor(timeout = 3) {
    this.#timeout = timeout;
  }

  take(master: ForeignMaster, logInterval: number, at: number): void {
    const key = master.source.toHex();
    const interval = 2 ** Math.min(4, Math.max(-4, logInterval));
    const before = this.#heard.get(key);
    if (!before && this.#heard.size >= mostMasters) this.#forgetOld(at);
    if (!before && this.#heard.size >= mostMasters) return;
    const kept = (before?.at ?? []).filter((earlier) => at - earlier < window * interval);
    this.#heard.set(key, { master, interval, at: [...kept.slice(-8), at] });
  }

  best(now: number): ForeignMaster | undefined {
    this.#forgetOld(now);
    const able = [...this.#heard.values()].filter(({ at }) => at.length >= wanted);
    return able.map(({ master }) => master).sort(compareMasters)[0];
  }

  #forgetOld(now: number): void {
    for (const [key, { at, interval }] of this.#heard) {
      if (now - at.at(-1)! > this.#timeout * interval) this.#heard.delete(key);
    }
  }
}
