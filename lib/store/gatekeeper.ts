import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { may, type BucketFacts, type Grant, type Resource, type Verb } from "../rules/access.ts";
import type { Actor, Principal } from "../rules/identity.ts";
import type { Identities } from "./identities.ts";

/** Asks `rules/access` on behalf of one actor. Users and grants are looked up at each question, so that a
 *  disabled user or a removed grant counts within the second, in the middle of a session too. */
export class Gatekeeper {
  readonly #identities: Identities;
  readonly #clock: Clock;
  readonly actor: Actor;

  constructor(identities: Identities, clock: Clock, actor: Actor) {
    this.#identities = identities;
    this.#clock = clock;
    this.actor = actor;
  }

  /** Faults: denied. */
  async asks(verb: Verb, what: Resource): Promise<Result<void>> {
    return (await this.#judge(what))(verb, what) ? ok() : denied(verb, what);
  }

  /** Whether `verb` is allowed on every key that begins with `prefix`: also where a grant on a deeper prefix
   *  refuses. Faults: denied. */
  async asksAll(verb: Verb, bucket: BucketFacts, prefix: string): Promise<Result<void>> {
    return (await this.sight(verb, bucket)).all(prefix)
      ? ok()
      : denied(verb, { kind: "object", bucket, key: prefix });
  }

  /** What of a bucket the actor may see. */
  async sight(verb: Verb, bucket: BucketFacts): Promise<Sight> {
    const whole: Resource = { kind: "bucket", bucket };
    const judge = await this.#judge(whole);
    const grants = await this.#identities.grants(bucket.tenant);
    return new Sight((key) => judge(verb, { kind: "object", bucket, key }), grants);
  }

  async #judge(what: Resource): Promise<(verb: Verb, what: Resource) => boolean> {
    const who = await this.#now();
    if (!who) return () => false;
    const tenant = what.kind === "house" ? tenantOf(who) : what.bucket.tenant;
    const grants = await this.#identities.grants(tenant);
    const at = this.#clock.wall();
    return (verb, what) => may(who, verb, what, grants, at).allowed;
  }

  /** The principal as it is now; undefined: the user is gone. */
  async #now(): Promise<Principal | undefined> {
    const { principal } = this.actor;
    if (principal.kind !== "user") return principal;
    const user = await this.#identities.user(principal.user.id);
    return user.ok ? { kind: "user", user: user.value } : undefined;
  }
}

const tenantOf = (who: Principal): string => (who.kind === "user" ? who.user.tenant : "");

function denied(verb: Verb, what: Resource): Result<never> {
  const where = what.kind === "house" ? verb : `${verb} on ${what.bucket.name}`;
  return fail("denied", "this is not allowed", { where, mend: "ask `holdfast why` for the reason" });
}

/** Which keys of a bucket may be seen. Grants speak of prefixes, so that the answer only changes at one. */
export class Sight {
  readonly #sees: (key: string) => boolean;
  readonly #edges: readonly string[];

  constructor(sees: (key: string) => boolean, grants: readonly Grant[]) {
    this.#sees = sees;
    this.#edges = [...new Set(grants.map(({ prefix }) => prefix))];
  }

  key(key: string): boolean {
    return this.#sees(key);
  }

  /** Every key that begins with `prefix`. */
  all(prefix: string): boolean {
    return this.#sees(prefix) && this.#within(prefix).every((edge) => this.#sees(edge));
  }

  /** At least one key that begins with `prefix`. */
  some(prefix: string): boolean {
    return this.#sees(prefix) || this.#within(prefix).some((edge) => this.#sees(edge));
  }

  #within(prefix: string): string[] {
    return this.#edges.filter((edge) => edge.startsWith(prefix));
  }
}
