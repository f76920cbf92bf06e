import { contains, parseIp, type Prefix } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { Pacer } from "../../lib/gate/file-door.ts";
import { networkOf } from "../../lib/host/tcp.ts";
import { TokenBucket } from "../../lib/rules/bandwidth.ts";
import { Defender, offences } from "../../lib/rules/defender.ts";
import type { User } from "../../lib/rules/identity.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { FtpdConfig } from "./config.ts";

/** Who may come in, how often, and how fast: one for all doors of this daemon. */
export class Doorkeeper {
  readonly #guard: FtpdConfig["guard"];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #defender: Defender;
  readonly #sessions = new Map<string, number>();
  /** By user and direction; kept while the user is in. */
  readonly #userBuckets = new Map<string, TokenBucket>();

  constructor(guard: FtpdConfig["guard"], clock: Clock, log: Log) {
    this.#guard = guard;
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

  /** One more session of a user; gives what ends it. Faults: too-many. */
  admit(user: User): Result<() => void> {
    const open = this.#sessions.get(user.id) ?? 0;
    if (open >= this.#guard.sessionsPerUser) return fail("too-many", "the user has too many sessions");
    this.#sessions.set(user.id, open + 1);
    return ok(() => {
      const left = (this.#sessions.get(user.id) ?? 1) - 1;
      if (left > 0) return void this.#sessions.set(user.id, left);
      this.#sessions.delete(user.id);
      for (const direction of ["in", "out"]) this.#userBuckets.delete(`${user.id} ${direction}`);
      return undefined;
    });
  }

  /** Undefined where nothing holds the user back. */
  pacer(user: User, direction: "in" | "out"): Pacer | undefined {
    const { downloadRate, downloadRatePerUser, uploadRate, uploadRatePerUser } = this.#guard;
    const [own, shared] =
      direction === "out" ? [downloadRate, downloadRatePerUser] : [uploadRate, uploadRatePerUser];
    const now = this.#clock.now();
    const buckets = own > 0 ? [new TokenBucket(own, now)] : [];
    if (shared > 0) buckets.push(this.#userBucket(`${user.id} ${direction}`, shared));
    if (buckets.length === 0) return undefined;
    return {
      slice: Math.min(...buckets.map((bucket) => bucket.slice)),
      pass: async (bytes) => {
        const wait = Math.max(...buckets.map((bucket) => bucket.take(bytes, this.#clock.now())));
        if (wait > 0) await new Promise((yes) => setTimeout(yes, wait));
      },
    };
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
