import { contains, parseIp, type Prefix } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { Pacer } from "../../lib/gate/file-door.ts";
import { networkOf } from "../../lib/host/tcp.ts";
import { TokenBucket } from "../../lib/rules/bandwidth.ts";
import { Defender, offences } from "../../lib/rules/defender.ts";
import type { User } from "../../lib/rules/identity.ts";
import { termsOf, termsRefusal, type Allowance, type Terms } from "../../lib/rules/terms.ts";
import type { Book } from "../../lib/store/kept-book.ts";
import type { TransferBook } from "../../lib/store/transfer-book.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { FtpdConfig } from "./config.ts";

/** What people are allowed, and what they have moved. */
export interface DoorBooks {
  readonly terms: Pick<Book<Terms>, "book">;
  readonly transfers: Pick<TransferBook, "moved" | "count">;
}

/** Who may come in, how often, and how fast: one for all doors of this daemon. */
export class Doorkeeper {
  readonly #guard: FtpdConfig["guard"];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #books: DoorBooks;
  readonly #defender: Defender;
  readonly #sessions = new Map<string, number>();
  /** By user and direction; kept while the user is in. */
  readonly #userBuckets = new Map<string, TokenBucket>();

  constructor(guard: FtpdConfig["guard"], clock: Clock, log: Log, books: DoorBooks) {
    this.#guard = guard;
    this.#books = books;
    this.#clock = clock;
    this.#log = log;
    const { banThreshold: threshold, banHalfLife: halfLifeMs, banTime: banMs } = guard;
    this.#defender = new Defender({ threshold, halfLifeMs, banMs });
  }

  /** Why an address may not connect, or undefined where it may. */
  refusal(address: string): string | undefined {
    const { allow, deny } = this.#guard;
    if (isIn(deny, address)) return "denied by guard.deny";
    if (allow.length > 0 && !isIn(allow, address)) return "not in guard.allow";
    return this.#defender.isBanned(networkOf(address), this.#clock.now()) ? "banned" : undefined;
  }

  /** Whether an address is a load balancer's. */
  isProxy(address: string): boolean {
    return isIn(this.#guard.proxies, address);
  }

  /** Counts a wrong password. */
  wrongPassword(address: string): void {
    if (isIn(this.#guard.banExempt, address)) return;
    const network = networkOf(address);
    if (!this.#defender.note(network, offences.wrongPassword, this.#clock.now())) return;
    this.#log.warn("banned for wrong passwords", { network, forMs: this.#guard.banTime });
  }

  bans(): { readonly who: string; readonly leftMs: number }[] {
    return this.#defender.banned(this.#clock.now());
  }

  /** False where nothing was held against the network. */
  forgive(network: string): boolean {
    return this.#defender.forgive(network);
  }

  /** One more session of a user; gives what ends it. Faults: too-many, denied (their terms of use). */
  admit(user: User, address: string): Result<() => void> {
    const terms = this.#termsOf(user);
    const refusal = termsRefusal(terms, this.#clock.wall(), address);
    if (refusal !== undefined) return fail("denied", refusal);
    const open = this.#sessions.get(user.id) ?? 0;
    if (open >= (terms.sessions ?? this.#guard.sessionsPerUser)) {
      return fail("too-many", "the user has too many sessions");
    }
    this.#sessions.set(user.id, open + 1);
    return ok(() => {
      const left = (this.#sessions.get(user.id) ?? 1) - 1;
      if (left > 0) return void this.#sessions.set(user.id, left);
      this.#sessions.delete(user.id);
      for (const direction of ["in", "out"]) this.#userBuckets.delete(`${user.id} ${direction}`);
      return undefined;
    });
  }

  #termsOf(user: User): Terms {
    return termsOf(this.#books.terms.book(), user);
  }

  /** Undefined where nothing holds the user back. */
  pacer(user: User, direction: "in" | "out"): Pacer | undefined {
    const { rate: own, rateOfAll: shared, quota } = this.#limitsOf(user, direction);
    const now = this.#clock.now();
    const buckets = own > 0 ? [new TokenBucket(own, now)] : [];
    if (shared > 0) buckets.push(this.#userBucket(`${user.id} ${direction}`, shared));
    if (buckets.length === 0 && !quota) return undefined;
    return {
      slice: Math.min(256 << 10, ...buckets.map((bucket) => bucket.slice)),
      pass: async (bytes) => {
        const fits = quota ? this.#spend(user, direction, bytes, quota) : ok();
        if (!fits.ok) return fits;
        const wait = Math.max(0, ...buckets.map((bucket) => bucket.take(bytes, this.#clock.now())));
        if (wait > 0) await new Promise((yes) => setTimeout(yes, wait));
        return ok();
      },
    };
  }

  #limitsOf(user: User, direction: "in" | "out") {
    const terms = this.#termsOf(user);
    const { downloadRate, downloadRatePerUser, uploadRate, uploadRatePerUser } = this.#guard;
    return direction === "out"
      ? {
          rate: downloadRate,
          rateOfAll: terms.downloadRate ?? downloadRatePerUser,
          quota: terms.downloadQuota,
        }
      : { rate: uploadRate, rateOfAll: terms.uploadRate ?? uploadRatePerUser, quota: terms.uploadQuota };
  }

  /** Counts bytes as they pass: one transfer cannot overrun what a period allows. */
  #spend(user: User, direction: "in" | "out", bytes: number, quota: Allowance): Result<void> {
    const { transfers } = this.#books;
    const at = this.#clock.wall();
    if (transfers.moved(user.id, direction, quota.per, at) + bytes > quota.bytes) {
      return fail("quota", `no more than ${quota.bytes} bytes may be moved each ${quota.per}`);
    }
    transfers.count(user.id, direction, bytes, at);
    return ok();
  }

  /** What was moved counts also where nothing limits it yet. */
  moved(user: User, direction: "in" | "out", bytes: number): void {
    if (bytes === 0 || this.#limitsOf(user, direction).quota) return;
    this.#books.transfers.count(user.id, direction, bytes, this.#clock.wall());
  }

  #userBucket(name: string, rate: number): TokenBucket {
    const bucket = this.#userBuckets.get(name) ?? new TokenBucket(rate, this.#clock.now());
    this.#userBuckets.set(name, bucket);
    return bucket;
  }
}

function isIn(networks: readonly Prefix[], address: string): boolean {
  const ip = parseIp(address.split("%")[0]!);
  return ip !== undefined && networks.some((network) => contains(network, ip));
}
