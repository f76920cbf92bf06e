import { concat } from "../../base/bytes.ts";
import type { Entropy } from "../../base/entropy.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Clock } from "../../base/time.ts";
import { Seal } from "../../crypto/seal.ts";
import type { KeyContext, KeyService, ServedKey } from "../keys.ts";

/** How long a bucket's key seals before the service is asked for another. */
const useMs = 300_000;
/** Opened keys of buckets that are remembered. */
const mostOpen = 1000;

/** Keys of buckets under a key service: one call to the service every five minutes, not one an object. A
 *  data key under one is kept as
 *
 *      length (2, big-endian) | bucket key, sealed by the service | data key, sealed by the bucket key */
export class BucketKeys {
  readonly #service: KeyService;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #current = new Map<string, { readonly until: number; readonly key: ServedKey }>();
  readonly #open = new Map<string, { readonly until: number; readonly plain: Uint8Array }>();

  constructor(service: KeyService, clock: Clock, entropy: Entropy) {
    this.#service = service;
    this.#clock = clock;
    this.#entropy = entropy;
  }

  /** The bucket's key of the moment. Faults: the service's. */
  async current(key: string | undefined, context: KeyContext): Promise<Result<ServedKey>> {
    const name = JSON.stringify([key, context]);
    const there = this.#current.get(name);
    if (there && this.#clock.now() < there.until) return ok(there.key);
    const made = await this.#service.newDataKey(key, context);
    if (!made.ok) return made;
    if (this.#current.size >= mostOpen) this.#current.clear();
    this.#current.set(name, { until: this.#clock.now() + useMs, key: made.value });
    return made;
  }

  close(under: ServedKey, plain: Uint8Array, purpose: string): Uint8Array {
    const length = Uint8Array.of(under.sealed.length >> 8, under.sealed.length & 255);
    return concat([length, under.sealed, new Seal(under.plain, this.#entropy).close(plain, purpose)]);
  }

  /** Faults: the service's, damaged. */
  async open(sealed: Uint8Array, context: KeyContext, purpose: string): Promise<Result<Uint8Array>> {
    const length = (sealed[0]! << 8) | sealed[1]!;
    const bucketKey = await this.#opened(sealed.subarray(2, 2 + length), context);
    if (!bucketKey.ok) return bucketKey;
    const plain = new Seal(bucketKey.value, this.#entropy).open(sealed.subarray(2 + length), purpose);
    return plain ? ok(plain) : fail("damaged", "a data key does not open under its bucket's key");
  }

  async #opened(sealed: Uint8Array, context: KeyContext): Promise<Result<Uint8Array>> {
    const name = sealed.toBase64();
    const there = this.#open.get(name);
    if (there && this.#clock.now() < there.until) return ok(there.plain);
    const plain = await this.#service.open(sealed, context);
    if (!plain.ok) return plain;
    if (this.#open.size >= mostOpen) this.#open.clear();
    this.#open.set(name, { until: this.#clock.now() + useMs, plain: plain.value });
    return plain;
  }
}
