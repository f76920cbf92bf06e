import { laterBy, type Instant } from "../base/time.ts";

export interface DefenderSettings {
  /** The score at which somebody is kept out. */
  readonly threshold: number;
  /** How long until half a score is forgiven. */
  readonly halfLifeMs: number;
  readonly banMs: number;
}

/** What counts against a caller: a wrong password is 1. */
export const offences = { wrongPassword: 1, leftWithoutSigningIn: 0.25, floodedLines: 1 } as const;

interface Standing {
  score: number;
  at: Instant;
  bannedUntil: Instant | undefined;
}

/** Who tries passwords is kept out for a while. Scores halve with time; the least recent of more than
 *  `capacity` callers is forgotten first. Pure: it is told the time. */
export class Defender {
  readonly #settings: DefenderSettings;
  readonly #capacity: number;
  readonly #records = new Map<string, Standing>();

  constructor(settings: DefenderSettings, capacity = 10_000) {
    this.#settings = settings;
    this.#capacity = capacity;
  }

  /** Counts an offence. True where the caller is kept out from now on. */
  note(who: string, weight: number, now: Instant): boolean {
    const known = this.#records.get(who);
    const score = (known ? this.#scoreOf(known, now) : 0) + weight;
    const bannedBefore = known?.bannedUntil !== undefined && known.bannedUntil > now;
    // A moment's forgiveness between tries must not make one more of them.
    const bans = Math.round(score) >= this.#settings.threshold;
    const until = bans ? laterBy(now, this.#settings.banMs) : known?.bannedUntil;
    this.#records.delete(who);
    this.#records.set(who, { score, at: now, bannedUntil: until });
    this.#forgetOldest();
    return bans && !bannedBefore;
  }

  isBanned(who: string, now: Instant): boolean {
    const until = this.#records.get(who)?.bannedUntil;
    return until !== undefined && until > now;
  }

  /** False where nothing was held against them. */
  forgive(who: string): boolean {
    return this.#records.delete(who);
  }

  banned(now: Instant): { readonly who: string; readonly leftMs: number }[] {
    return [...this.#records]
      .filter(([who]) => this.isBanned(who, now))
      .map(([who, { bannedUntil }]) => ({ who, leftMs: bannedUntil! - now }));
  }

  #scoreOf({ score, at }: Standing, now: Instant): number {
    return score * 0.5 ** ((now - at) / this.#settings.halfLifeMs);
  }

  /** Insertion order is order of the last offence. */
  #forgetOldest(): void {
    for (const who of this.#records.keys()) {
      if (this.#records.size <= this.#capacity) return;
      this.#records.delete(who);
    }
  }
}
