import { aclAllows, isPublicAcl, type AclGrant, type AclPermission } from "../../rules/acl.ts";
import { may, type Resource } from "../../rules/access.ts";
import { isPublic, judgePolicy, readPolicy, type Policy } from "../../rules/policy.ts";
import type { Principal } from "../../rules/identity.ts";
import type { Bucket } from "../../store/objects.ts";
import { aclOf, aclsEnabled, publicAccessOf } from "./acl-store.ts";
import type { Asker } from "./asker.ts";
import type { Permission } from "./authority.ts";
import type { S3Needs } from "./needs.ts";
import type { Session } from "./sessions.ts";

/** The one place where the S3 door decides: the house's grants, the bucket's policy and its ACLs, deny first.
 *
 *  1. What the house refuses for good (a disabled user, a deny grant, another tenant) stays refused.
 *  2. The policy's Deny refuses; owner and administrators can always mend the policy itself.
 *  3. The house's own permission, the policy's Allow, an ACL's grant: any of them allows.
 *  4. Nothing else does. */
export class Judge {
  readonly #needs: Pick<S3Needs, "identities" | "clock" | "objects">;
  readonly #policies = new Map<string, Policy | undefined>();

  constructor(needs: Pick<S3Needs, "identities" | "clock" | "objects">) {
    this.#needs = needs;
  }

  /** `bucket` undefined: about the house. `key` "": about the bucket. */
  async may(asker: Asker, permission: Permission, bucket: Bucket | undefined, key: string): Promise<boolean> {
    if (asker.session && !this.#sessionAllows(asker, asker.session, permission, bucket, key)) return false;
    const house = await this.#standing(asker, permission, bucket, key);
    if (house.final || !bucket) return house.allowed;
    const text = bucket.documents["policy"];
    const verdict = text === undefined ? "silent" : await this.#policy(asker, permission, bucket, key, text);
    if (verdict === "deny") return house.allowed && mends.has(permission.action);
    return house.allowed || verdict === "allow" || (await this.#acl(asker, permission, bucket, key));
  }

  /** Every policy of a session must allow: it narrows, and never widens. */
  #sessionAllows(
    asker: Asker,
    session: Session,
    { action }: Permission,
    bucket: Bucket | undefined,
    key: string,
  ): boolean {
    const onBucket = key === "" || action.startsWith("s3:ListBucket");
    const resource = `arn:aws:s3:::${bucket?.name ?? "*"}${onBucket ? "" : `/${key}`}`;
    const ask = { principal: asker.names, action, resource };
    const value = (name: string) => asker.value(name, undefined);
    return session.policies.every((policy) => judgePolicy(policy, { ...ask, value }) === "allow");
  }

  /** What the house says. In a role, the role's policy stands for its permissions; what the house refuses for
   *  good stays refused. */
  async #standing(asker: Asker, permission: Permission, bucket: Bucket | undefined, key: string) {
    const house = await this.#house(asker.actor.principal, permission, bucket, key);
    return asker.session?.role && !house.final ? { allowed: true, final: false } : house;
  }

  async #house(principal: Principal, { verb }: Permission, bucket: Bucket | undefined, key: string) {
    const what: Resource = !bucket
      ? { kind: "house" }
      : key === "" && !verb.startsWith("object.list")
        ? { kind: "bucket", bucket }
        : { kind: "object", bucket, key };
    const own = principal.kind === "user" ? principal.user.tenant : "";
    const grants = await this.#needs.identities.grants(bucket?.tenant ?? own);
    return may(principal, verb, what, grants, this.#needs.clock.wall());
  }

  async #policy(
    asker: Asker,
    { action }: Permission,
    bucket: Bucket,
    key: string,
    text: string,
  ): Promise<"allow" | "deny" | "silent"> {
    const policy = this.#read(text, bucket.name);
    if (!policy) return "deny";
    const onBucket = key === "" || action.startsWith("s3:ListBucket");
    const resource = `arn:aws:s3:::${bucket.name}${onBucket ? "" : `/${key}`}`;
    const tagged = [...policy.keys].some((name) => name.startsWith("s3:existingobjecttag/"));
    const found =
      tagged && !onBucket ? await this.#needs.objects.head({ bucket: bucket.name, key }) : undefined;
    const tags = found?.ok ? found.value.tags : undefined;
    const value = (name: string) => asker.value(name, tags);
    const verdict = judgePolicy(policy, { principal: asker.names, action, resource, value });
    const closed = publicAccessOf(bucket).restrictPublicBuckets && isPublic(policy);
    return verdict === "allow" && closed && asker.actor.principal.kind === "anonymous" ? "silent" : verdict;
  }

  /** A policy that was kept is one that could be read; what cannot be read any more refuses everybody. */
  #read(text: string, bucket: string): Policy | undefined {
    const name = `${bucket}\n${text}`;
    if (!this.#policies.has(name)) {
      const read = readPolicy(text, bucket);
      this.#policies.set(name, read.ok ? read.value : undefined);
      if (this.#policies.size > 256) this.#policies.delete(this.#policies.keys().next().value!);
    }
    return this.#policies.get(name);
  }

  async #acl(asker: Asker, permission: Permission, bucket: Bucket, key: string): Promise<boolean> {
    if (!aclsEnabled(bucket)) return false;
    const onBucket = bucketWants.get(permission.action);
    const { principal } = asker.actor;
    if (onBucket) return this.#granted(aclOf(bucket, undefined), principal, onBucket, bucket);
    const onObject = objectWants.get(permission.action);
    if (!onObject || key === "") return false;
    const version = permission.verb === "version.read" ? asker.version : undefined;
    const found = await this.#needs.objects.head({ bucket: bucket.name, key }, version);
    return found.ok && this.#granted(aclOf(bucket, found.value), principal, onObject, bucket);
  }

  #granted(grants: readonly AclGrant[], who: Principal, wanted: AclPermission, bucket: Bucket): boolean {
    const ignored = publicAccessOf(bucket).ignorePublicAcls;
    return aclAllows(ignored ? grants.filter((one) => !isPublicAcl([one])) : grants, who, wanted);
  }
}

/** With these a policy that locks everybody out is mended. */
const mends: ReadonlySet<string> = new Set([
  "s3:GetBucketPolicy",
  "s3:PutBucketPolicy",
  "s3:DeleteBucketPolicy",
]);

const bucketWants: ReadonlyMap<string, AclPermission> = new Map([
  ["s3:ListBucket", "READ"],
  ["s3:ListBucketVersions", "READ"],
  ["s3:ListBucketMultipartUploads", "READ"],
  ["s3:PutObject", "WRITE"],
  ["s3:DeleteObject", "WRITE"],
  ["s3:GetBucketAcl", "READ_ACP"],
  ["s3:PutBucketAcl", "WRITE_ACP"],
]);

const objectWants: ReadonlyMap<string, AclPermission> = new Map([
  ["s3:GetObject", "READ"],
  ["s3:GetObjectVersion", "READ"],
  ["s3:GetObjectAcl", "READ_ACP"],
  ["s3:PutObjectAcl", "WRITE_ACP"],
]);
