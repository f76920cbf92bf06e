import type { UnixMs } from "../base/time.ts";
import type { BucketFacts, Verb } from "../rules/access.ts";
import type { Actor, Principal } from "../rules/identity.ts";
import { mayDeny, readPolicy, type Policy, type PolicyAsk } from "../rules/policy.ts";

/** A bucket with what its owner has said of it. */
export interface DocumentedBucket extends BucketFacts {
  readonly documents?: Readonly<Record<string, string>>;
}

/** What S3 calls what the house's verbs do. Bucket and house verbs are no matter of a bucket policy here: who
 *  may configure a bucket can always mend its policy. */
const actions: Readonly<Record<Verb, string | undefined>> = {
  "object.list": "s3:ListBucket",
  "object.read": "s3:GetObject",
  "object.write": "s3:PutObject",
  "object.delete": "s3:DeleteObject",
  "version.read": "s3:GetObjectVersion",
  "version.delete": "s3:DeleteObjectVersion",
  "retention.change": "s3:PutObjectRetention",
  "retention.bypass": "s3:BypassGovernanceRetention",
  "bucket.create": undefined,
  "bucket.read": undefined,
  "bucket.configure": undefined,
  "bucket.delete": undefined,
  "house.read": undefined,
  "house.configure": undefined,
  "house.users": undefined,
};

/** What a bucket policy's Deny refuses at the doors for files: deny first, whichever the door. */
export interface Denial {
  refuses(verb: Verb, key: string): boolean;
  /** Whether it refuses the verb on anything of the bucket. */
  refusesSomewhere(verb: Verb): boolean;
}

type Caller = Pick<Actor, "door" | "address">;

/** Undefined where the bucket has no policy, or the house itself asks. A policy that cannot be read refuses
 *  everybody. These doors do not look at an object's tags first: a Deny that asks for them counts
 *  as met. Only SFTP counts as a secure transport. */
export function bucketDenial(
  bucket: DocumentedBucket,
  actor: Caller,
  principal: Principal,
  at: UnixMs,
): Denial | undefined {
  const text = bucket.documents?.["policy"];
  if (text === undefined || principal.kind === "house") return undefined;
  const read = readPolicy(text, bucket.name);
  const policy: Policy | undefined = read.ok ? read.value : undefined;
  const names = namesOf(principal);
  const value = valuesOf(actor, principal, at);
  const denies = (verb: Verb, key: string, everywhere: boolean): boolean => {
    const action = actions[verb];
    if (action === undefined) return false;
    const lists = action === "s3:ListBucket";
    const ask: PolicyAsk = {
      principal: names,
      action,
      resource: `arn:aws:s3:::${bucket.name}${lists ? "" : `/${key}`}`,
      value: (name) => (name === "s3:prefix" && lists ? [key] : value(name)),
    };
    const unknown = (name: string): boolean =>
      name.startsWith("s3:existingobjecttag/") || (everywhere && name === "s3:prefix");
    return policy === undefined || mayDeny(policy, ask, unknown, everywhere);
  };
  return {
    refuses: (verb, key) => denies(verb, key, false),
    refusesSomewhere: (verb) => denies(verb, "", true),
  };
}

const namesOf = (principal: Principal): string[] =>
  principal.kind === "user"
    ? [`arn:aws:iam::${principal.user.tenant}:user/${principal.user.name}`, principal.user.id]
    : [];

function valuesOf({ address, door }: Caller, principal: Principal, at: UnixMs): PolicyAsk["value"] {
  const user = principal.kind === "user" ? principal.user : undefined;
  const values = new Map<string, string | undefined>([
    ["aws:sourceip", address === "" ? undefined : address],
    ["aws:securetransport", String(door === "sftp" || door === "admin")],
    ["aws:currenttime", new Date(at).toISOString()],
    ["aws:epochtime", String(Math.floor(at / 1000))],
    ["aws:principalarn", namesOf(principal)[0]],
    ["aws:principalaccount", user?.tenant],
    ["aws:principaltype", user ? "User" : "Anonymous"],
    ["aws:userid", user?.id],
    ["aws:username", user?.name],
  ]);
  return (name) => {
    const found = values.get(name);
    return found === undefined ? undefined : [found];
  };
}
