import type { Claim } from "../../proto/s3/claim.ts";
import { signingKey } from "../../proto/s3/sigv4.ts";

interface Kept {
  readonly secret: string;
  readonly key: Uint8Array;
}

/** Derived signing keys, so that a request costs one HMAC and not five. Holds the newest thousand. */
export class SigningKeys {
  readonly #kept = new Map<string, Kept>();
  readonly #most: number;

  constructor(most = 1000) {
    this.#most = most;
  }

  keyFor(claim: Pick<Claim, "keyId" | "day" | "region" | "service">, secret: string): Uint8Array {
    const name = `${claim.day}/${claim.region}/${claim.service}/${claim.keyId}`;
    const kept = this.#kept.get(name);
    if (kept?.secret === secret) return kept.key;
    const key = signingKey(secret, claim);
    this.#kept.delete(name);
    this.#kept.set(name, { secret, key });
    if (this.#kept.size > this.#most) this.#kept.delete(this.#kept.keys().next().value!);
    return key;
  }
}
