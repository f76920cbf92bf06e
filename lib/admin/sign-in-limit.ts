import { limits } from "../base/limits.ts";
import type { Clock, Instant } from "../base/time.ts";

/** Failures remembered for each name and each address; a success forgets the name's. */
export interface SignInLimit {
  /** Seconds until the next attempt is heard; 0 now. */
  waitSeconds(who: readonly string[]): number;
  failed(who: readonly string[]): void;
  succeeded(who: readonly string[]): void;
}

interface Score {
  failures: number;
  since: Instant;
}

const free = 5;
const forgiveMs = 60_000;

/** After five failures each further one costs a minute; one failure is forgiven a minute.
 *  Remembers at most 10,000 names and addresses, and forgets the oldest. */
export function signInLimit(clock: Clock, capacity = 10 * limits.pageRows): SignInLimit {
  const scores = new Map<string, Score>();
  const standing = (who: string): Score => {
    const score = scores.get(who);
    if (!score) return { failures: 0, since: clock.now() };
    const forgiven = Math.floor((clock.now() - score.since) / forgiveMs);
    if (forgiven >= score.failures) scores.delete(who);
    return {
      failures: Math.max(0, score.failures - forgiven),
      since: (score.since + forgiven * forgiveMs) as Instant,
    };
  };
  return {
    waitSeconds(who) {
      return Math.max(...who.map((one) => waitOf(standing(one), clock.now())));
    },
    failed(who) {
      for (const one of who) {
        const { failures, since } = standing(one);
        scores.delete(one);
        scores.set(one, { failures: failures + 1, since });
      }
      for (const oldest of scores.keys()) {
        if (scores.size <= capacity) break;
        scores.delete(oldest);
      }
    },
    succeeded(who) {
      for (const one of who) scores.delete(one);
    },
  };
}

const waitOf = ({ failures, since }: Score, now: Instant): number =>
  failures < free ? 0 : Math.ceil((since + forgiveMs * (failures - free + 1) - now) / 1000);
