import type { Ip } from "../../base/ip.ts";

/** How often one client prefix (/32, or /64) may ask. */
export interface RateLimit {
  /** Seconds that earn one answer. */
  readonly interval: number;
  /** Answers that may be saved up. */
  readonly burst: number;
  /** One limited request in so many is answered all the same, at random: a spoofer cannot mute a victim. 0:
   *  none. */
  readonly leak: number;
}

/** What is remembered of one prefix. */
export interface ClientRow {
  readonly key: readonly [number, number];
  readonly hits: number;
  readonly drops: number;
  /** Seconds ago. */
  readonly idle: number;
}

const ways = 8;
const words = 6; // key, key, last, tokens, hits, drops

/** A token bucket for each prefix, in a table of fixed size: 24 bytes a prefix, eight to a row. When a row is
 *  full the one silent longest is forgotten. The memory may be shared between workers; a lost race costs
 *  one token. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #rows: number;
  readonly #seed: number;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;

  /** `memory` is `RateLimiter.bytesFor(prefixes)` of zeros; `seed` is random and the same for all who share.
   *  */
  constructor(limit: RateLimit, memory: ArrayBufferLike, seed: number) {
    this.#limit = limit;
    this.#rows = Math.floor(memory.byteLength / (ways * words * 4));
    this.#seed = seed;
    this.#words = new Uint32Array(memory);
    this.#floats = new Float32Array(memory);
  }

  static bytesFor(prefixes: number): number {
    return Math.max(1, Math.ceil(prefixes / ways)) * ways * words * 4;
  }

  /** Whether a request from `ip` at `now` (seconds since any start, monotonic) is within the limit.
   *  `dice` is a random byte. */
  admits(ip: Ip, now: number, dice: number): boolean {
    const { interval, burst, leak } = this.#limit;
    const at = this.#find(prefixHigh(ip), prefixLow(ip), now);
    const earned = interval > 0 ? Math.max(0, now - this.#words[at + 2]! / 16) / interval : burst;
    const tokens = Math.min(burst, this.#floats[at + 3]! + earned);
    this.#words[at + 2] = now * 16;
    this.#words[at + 4]!++;
    if (tokens >= 1) {
      this.#floats[at + 3] = tokens - 1;
      return true;
    }
    this.#floats[at + 3] = tokens;
    this.#words[at + 5]!++;
    return leak > 0 && dice % leak === 0;
  }

  /** Prefixes remembered, busiest first, at most `limit`. */
  busiest(now: number, limit: number): ClientRow[] {
    const found: ClientRow[] = [];
    for (let at = 0; at < this.#words.length; at += words) {
      const hits = this.#words[at + 4]!;
      if (hits === 0) continue;
      const key = [this.#words[at]!, this.#words[at + 1]!] as const;
      found.push({ key, hits, drops: this.#words[at + 5]!, idle: now - this.#words[at + 2]! / 16 });
    }
    return found.sort((a, b) => b.hits - a.hits).slice(0, limit);
  }

  /** The first word of the prefix's entry; a new entry begins with a full bucket. */
  #find(high: number, low: number, now: number): number {
    const row = mix(high ^ mix(low ^ this.#seed)) % this.#rows;
    const first = row * ways * words;
    let oldest = first;
    for (let at = first; at < first + ways * words; at += words) {
      if (this.#words[at] === high && this.#words[at + 1] === low && this.#words[at + 4] !== 0) return at;
      if (this.#words[at + 4] === 0 || this.#words[at + 2]! < this.#words[oldest + 2]!) oldest = at;
      if (this.#words[oldest + 4] === 0) break;
    }
    this.#words.set([high, low, now * 16, 0, 0, 0], oldest);
    this.#floats[oldest + 3] = this.#limit.burst;
    return oldest;
  }
}

/** IPv4 under a high word that no global IPv6 prefix has. */
const v4Mark = 0xffffffff;
const word = (ip: Ip, at: number): number =>
  ((ip[at]! << 24) | (ip[at + 1]! << 16) | (ip[at + 2]! << 8) | ip[at + 3]!) >>> 0;
const prefixHigh = (ip: Ip): number => (ip.length === 4 ? v4Mark : word(ip, 0));
const prefixLow = (ip: Ip): number => (ip.length === 4 ? word(ip, 0) : word(ip, 4));

/** The address a row stands for: an IPv4 address, or the first address of a /64. */
export function rowIp(row: ClientRow): Ip {
  const [high, low] = row.key;
  const ip = new Uint8Array(high === v4Mark ? 4 : 16);
  const view = new DataView(ip.buffer);
  if (high !== v4Mark) view.setUint32(0, high);
  view.setUint32(high === v4Mark ? 0 : 4, low);
  return ip;
}

/** A 32-bit finaliser: every input bit moves every output bit. */
function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
