import { fromBase64, textOf, utf8 } from "../../base/bytes.ts";
import type { Entropy } from "../../base/entropy.ts";
import type { UnixMs } from "../../base/time.ts";
import { readIdentityPolicy, type Policy } from "../../rules/policy.ts";
import type { Role } from "../../store/roles.ts";

/** What seals: the house's master key, behind two functions. */
export interface Sealer {
  close(secret: Uint8Array, purpose: string): Uint8Array;
  open(sealed: Uint8Array, purpose: string): Uint8Array | undefined;
}

/** Who uses temporary credentials, and how far they reach. */
export interface SessionClaims {
  readonly keyId: string;
  readonly secret: string;
  /** User id. */
  readonly user: string;
  /** "" : the user's own rights. */
  readonly role: string;
  /** RoleSessionName. */
  readonly name: string;
  /** The session's own policy; "" for none. */
  readonly policy: string;
  readonly expiresAt: number;
}

/** A session as decisions know it. Every policy of it must allow. */
export interface Session {
  readonly name: string;
  readonly role: Role | undefined;
  readonly policies: readonly Policy[];
}

const purpose = "sts-session";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Temporary credentials without a table: all there is to know of a session is sealed in its token, under the
 *  house's key, so that every daemon of the house can open it and nobody else can make one. */
export class SessionTokens {
  readonly #sealer: Sealer;
  readonly #entropy: Entropy;

  constructor(sealer: Sealer, entropy: Entropy) {
    this.#sealer = sealer;
    this.#entropy = entropy;
  }

  issue(claims: Omit<SessionClaims, "keyId" | "secret">): SessionClaims & { readonly token: string } {
    const keyId = `ASIA${[...this.#entropy(16)].map((byte) => alphabet[byte & 31]).join("")}`;
    const whole: SessionClaims = { ...claims, keyId, secret: this.#entropy(30).toBase64() };
    const token = this.#sealer.close(utf8(JSON.stringify(whole)), purpose).toBase64();
    return { ...whole, token };
  }

  /** What a token says, whoever shows it and whenever; undefined: it is none of ours. */
  open(token: string): SessionClaims | undefined {
    const sealed = token.length > 8192 ? undefined : fromBase64(token);
    const opened = sealed && this.#sealer.open(sealed, purpose);
    const text = opened && textOf(opened);
    return text === undefined ? undefined : (JSON.parse(text) as SessionClaims);
  }
}

export const isTemporary = (keyId: string): boolean => keyId.startsWith("ASIA");

/** The session that claims speak of; undefined where a policy of it can no longer be read. */
export function sessionOf(claims: SessionClaims, role: Role | undefined): Session | undefined {
  const texts = [...(role ? [role.policy] : []), ...(claims.policy === "" ? [] : [claims.policy])];
  const policies: Policy[] = [];
  for (const text of texts) {
    const read = readIdentityPolicy(text);
    if (!read.ok) return undefined;
    policies.push(read.value);
  }
  return { name: claims.name, role, policies };
}

/** When a session asked for now ends. */
export const endOf = (now: UnixMs, seconds: number): number => now + seconds * 1000;
