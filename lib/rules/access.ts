import type { UnixMs } from "../base/time.ts";
import { principalName, signInRefusal, type Principal } from "./identity.ts";

/** Everything that can be allowed or refused, whatever the door calls it. */
export const verbs = [
  "object.read",
  "object.write",
  "object.delete",
  "object.list",
  "version.read",
  "version.delete",
  "retention.change",
  "retention.bypass",
  "bucket.create",
  "bucket.read",
  "bucket.configure",
  "bucket.delete",
  "house.read",
  "house.configure",
  "house.users",
] as const;
export type Verb = (typeof verbs)[number];

/** What is asked about. A key that ends in "/" is a folder. */
export type Resource =
  | { readonly kind: "house" }
  | { readonly kind: "bucket"; readonly bucket: BucketFacts }
  | { readonly kind: "object"; readonly bucket: BucketFacts; readonly key: string };

/** What the decision needs to know of a bucket. */
export interface BucketFacts {
  readonly name: string;
  readonly tenant: string;
  /** User id. */
  readonly owner: string;
}

/** One line of the house's permission list. */
export interface Grant {
  readonly id: string;
  readonly tenant: string;
  readonly effect: "allow" | "deny";
  readonly who: { readonly user: string } | { readonly group: string } | { readonly everyone: true };
  readonly verbs: readonly Verb[];
  /** Bucket name, or "*". */
  readonly bucket: string;
  /** Keys that begin so; "" is the whole bucket. */
  readonly prefix: string;
}

/** The answer, with the chain of what was looked at, for `holdfast why`. */
export interface Decision {
  readonly allowed: boolean;
  /** A refusal that nothing else (a bucket policy, an ACL) may turn into a permission. */
  readonly final: boolean;
  readonly chain: readonly string[];
}

/** The one decision. Deny by default, an explicit deny above everything; then the house itself,
 *  administrators of the tenant, the bucket's owner, and grants. Pure: `grants` are those of the tenant. */
export function may(
  who: Principal,
  verb: Verb,
  what: Resource,
  grants: readonly Grant[],
  at: UnixMs,
): Decision {
  const chain = [`${principalName(who)} asks ${verb} on ${resourceText(what)}`];
  const say = (allowed: boolean, line: string, final = true): Decision => ({
    allowed,
    final: !allowed && final,
    chain: [...chain, line],
  });

  if (who.kind === "house") return say(true, "allowed: the house itself");
  if (who.kind === "user") {
    const refusal = signInRefusal(who.user, at);
    if (refusal) return say(false, `refused: ${refusal}`);
  }
  const matching = grants.filter(
    (grant) => grant.verbs.includes(verb) && names(grant, who) && covers(grant, what),
  );
  const deny = matching.find((grant) => grant.effect === "deny");
  if (deny) return say(false, `refused: grant ${deny.id} denies it`);
  if (who.kind === "user") {
    const { user } = who;
    if (what.kind !== "house" && what.bucket.tenant !== user.tenant) {
      return say(false, "refused: the bucket belongs to another tenant");
    }
    if (user.role === "admin") return say(true, "allowed: administrator");
    if (what.kind !== "house" && what.bucket.owner === user.id)
      return say(true, "allowed: owner of the bucket");
    chain.push(`not an administrator${what.kind === "house" ? "" : ", not the bucket's owner"}`);
  }
  const allow = matching.find((grant) => grant.effect === "allow");
  if (allow) return say(true, `allowed: grant ${allow.id}`);
  return say(false, "refused: no grant allows it", false);
}

function names(grant: Grant, who: Principal): boolean {
  if ("everyone" in grant.who) return true;
  if (who.kind !== "user" || who.user.tenant !== grant.tenant) return false;
  return "user" in grant.who ? grant.who.user === who.user.id : who.user.groups.includes(grant.who.group);
}

function covers(grant: Grant, what: Resource): boolean {
  if (what.kind === "house") return grant.bucket === "*" && grant.prefix === "";
  if (grant.tenant !== what.bucket.tenant) return false;
  if (grant.bucket !== "*" && grant.bucket !== what.bucket.name) return false;
  return what.kind === "bucket" ? grant.prefix === "" : what.key.startsWith(grant.prefix);
}

function resourceText(what: Resource): string {
  if (what.kind === "house") return "the house";
  return what.kind === "bucket" ? what.bucket.name : `${what.bucket.name}/${what.key}`;
}
