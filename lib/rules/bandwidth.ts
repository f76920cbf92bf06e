import type { Instant } from "../base/time.ts";

/** A rate that holds over any stretch longer than a moment: bytes are paid for as they pass, up to half a
 *  second's worth may be saved up. Pure: it is told the time. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #most: number;
  #tokens: number;
  #at: Instant;

  constructor(bytesPerSecond: number, now: Instant) {
    this.#perMs = bytesPerSecond / 1000;
    this.#most = bytesPerSecond / 2;
    this.#tokens = this.#most;
    this.#at = now;
  }

  /** Takes the bytes and gives the milliseconds to wait before they may move. Takers queue: a later one
   *  waits for what earlier ones owe. */
  take(bytes: number, now: Instant): number {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  /** What to move at once so that it goes smoothly: a tenth of a second's worth, 1–256 KiB. */
  get slice(): number {
    return Math.min(256 << 10, Math.max(1024, Math.floor(this.#perMs * 100)));
  }
}
