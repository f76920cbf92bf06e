import type { Clock, Instant } from "../../base/time.ts";

interface Score {
  readonly failures: number;
  readonly since: Instant;
}

const free = 8;
const forgiveMs = 20_000;
const capacity = 10_000;

/** Remembers wrong passwords for each name from each address, and for each address alone: after eight every
 *  further one costs twenty seconds. Of 10,000 it forgets the oldest. */
export class SignInLimit {
  readonly #clock: Clock;
  readonly #scores = new Map<string, Score>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether an attempt is heard now. */
  allows(who: readonly string[]): boolean {
    return who.every((one) => this.#now(one).failures < free);
  }

  failed(who: readonly string[]): void {
    for (const one of who) {
      const { failures, since } = this.#now(one);
      this.#scores.delete(one);
      this.#scores.set(one, { failures: failures + 1, since });
    }
    while (this.#scores.size > capacity) this.#scores.delete(this.#scores.keys().next().value!);
  }

  succeeded(who: readonly string[]): void {
    for (const one of who) this.#scores.delete(one);
  }

  #now(who: string): Score {
    const now = this.#clock.now();
    const score = this.#scores.get(who);
    if (!score) return { failures: 0, since: now };
    const forgiven = Math.floor((now - score.since) / forgiveMs);
    const since = (score.since + forgiven * forgiveMs) as Instant;
    return { failures: Math.max(0, score.failures - forgiven), since };
  }
}
