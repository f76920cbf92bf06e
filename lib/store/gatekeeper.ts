import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { may, type BucketFacts, type Grant, type Resource, type Verb } from "../rules/access.ts";
import type { Actor, Principal } from "../rules/identity.ts";
import { bucketDenial, type Denial } from "./bucket-denial.ts";
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
    const { allows, denial } = await this.#judge(what);
    if (!allows(verb, what)) return denied(verb, what);
    return denial?.refuses(verb, keyOf(what)) ? policyDenies(verb, what) : ok();
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
    const { allows, denial } = await this.#judge(whole);
    const grants = await this.#identities.grants(bucket.tenant);
    const sees = (key: string): boolean =>
      allows(verb, { kind: "object", bucket, key }) && !denial?.refuses(verb, key);
    return new Sight(sees, grants, denial?.refusesSomewhere(verb) ?? false);
  }

  async #judge(what: Resource): Promise<Judgement> {
    const who = await this.#now();
    if (!who) return { allows: () => false, denial: undefined };
    const tenant = what.kind === "house" ? tenantOf(who) : what.bucket.tenant;
    const grants = await this.#identities.grants(tenant);
    const at = this.#clock.wall();
    return {
      allows: (verb, what) => may(who, verb, what, grants, at).allowed,
      denial: what.kind === "house" ? undefined : bucketDenial(what.bucket, this.actor, who, at),
    };
  }

  /** The principal as it is now; undefined: the user is gone. */
  async #now(): Promise<Principal | undefined> {
    const { principal } = this.actor;
    if (principal.kind !== "user") return principal;
    const user = await this.#identities.user(principal.user.id);
    return user.ok ? { kind: "user", user: user.value } : undefined;
  }
}

interface Judgement {
  /** What the house's own list says. */
  readonly allows: (verb: Verb, what: Resource) => boolean;
  /** What the bucket's policy refuses whatever that says. */
  readonly denial: Denial | undefined;
}

const keyOf = (what: Resource): string => (what.kind === "object" ? what.key : "");

const tenantOf = (who: Principal): string => (who.kind === "user" ? who.user.tenant : "");

function denied(verb: Verb, what: Resource): Result<never> {
  const where = what.kind === "house" ? verb : `${verb} on ${what.bucket.name}`;
  return fail("denied", "this is not allowed", { where, mend: "ask `holdfast why` for the reason" });
}

const policyDenies = (verb: Verb, what: Resource): Result<never> =>
  fail("denied", "the bucket's policy refuses this", {
    where: what.kind === "house" ? verb : `${verb} on ${what.bucket.name}`,
    mend: "who may configure the bucket can change its policy",
  });

/** Which keys of a bucket may be seen. Grants speak of prefixes, so that the answer only changes at one. */
export class Sight {
  readonly #sees: (key: string) => boolean;
  readonly #edges: readonly string[];
  readonly #hides: boolean;

  /** `hides`: some keys may be hidden for other reasons than a prefix. */
  constructor(sees: (key: string) => boolean, grants: readonly Grant[], hides = false) {
    this.#sees = sees;
    this.#hides = hides;
    this.#edges = [...new Set(grants.map(({ prefix }) => prefix))];
  }

  key(key: string): boolean {
    return this.#sees(key);
  }

  /** Every key that begins with `prefix`. */
  all(prefix: string): boolean {
    return !this.#hides && this.#sees(prefix) && this.#within(prefix).every((edge) => this.#sees(edge));
  }

  /** At least one key that begins with `prefix`. */
  some(prefix: string): boolean {
    return this.#sees(prefix) || this.#within(prefix).some((edge) => this.#sees(edge));
  }

  #within(prefix: string): string[] {
    return this.#edges.filter((edge) => edge.startsWith(prefix));
  }
}
