import { fail, ok, type Result } from "../base/result.ts";
import { holds, readOperator, type PolicyCondition } from "./policy-conditions.ts";
import { like } from "./policy-pattern.ts";

/** A bucket policy: AWS's language, read once, judged for each request. */
export interface Policy {
  readonly statements: readonly Statement[];
  /** Condition keys it looks at, lower case: what the caller must be able to tell. */
  readonly keys: ReadonlySet<string>;
}

interface Statement {
  readonly allows: boolean;
  readonly principals: Names;
  readonly actions: Names;
  readonly resources: Names;
  readonly conditions: readonly PolicyCondition[];
}

/** Patterns, and whether they say who is meant or who is not. */
interface Names {
  readonly patterns: readonly string[];
  readonly except: boolean;
}

/** What a policy is asked. */
export interface PolicyAsk {
  /** All names of the caller: ARN and id; none for the anonymous. */
  readonly principal: readonly string[];
  /** "s3:GetObject". */
  readonly action: string;
  /** "arn:aws:s3:::bucket/key". */
  readonly resource: string;
  /** The values of a condition key (lower case); undefined where the request has none. */
  readonly value: (key: string) => readonly string[] | undefined;
}

/** A Deny beats every Allow. */
export function judgePolicy(policy: Policy, ask: PolicyAsk): "allow" | "deny" | "silent" {
  let allowed = false;
  for (const statement of policy.statements) {
    if (statement.allows && allowed) continue;
    if (!applies(statement, ask)) continue;
    if (!statement.allows) return "deny";
    allowed = true;
  }
  return allowed ? "allow" : "silent";
}

/** Whether a Deny applies, or may: where `unknown` says that nobody can tell a condition's value here, the
 *  condition counts as met. `everywhere`: on any resource at all, not only the one asked about. */
export function mayDeny(
  policy: Policy,
  ask: PolicyAsk,
  unknown: (key: string) => boolean,
  everywhere: boolean,
): boolean {
  return policy.statements.some(
    (statement) =>
      !statement.allows &&
      applies(
        {
          ...statement,
          resources: everywhere ? { patterns: [], except: true } : statement.resources,
          conditions: statement.conditions.filter(({ key }) => !unknown(key)),
        },
        ask,
      ),
  );
}

function applies({ principals, actions, resources, conditions }: Statement, ask: PolicyAsk): boolean {
  return (
    meant(principals, (pattern) => pattern === "*" || ask.principal.includes(pattern)) &&
    meant(actions, (pattern) => like(pattern.toLowerCase(), ask.action.toLowerCase())) &&
    meant(resources, (pattern) => like(substituted(pattern, ask), ask.resource)) &&
    conditions.every((one) =>
      holds({ ...one, values: one.values.map((v) => substituted(v, ask)) }, ask.value(one.key)),
    )
  );
}

const meant = ({ patterns, except }: Names, fits: (pattern: string) => boolean): boolean =>
  patterns.some(fits) !== except;

/** `${aws:username}` and its like; what the request does not say fits nothing. */
function substituted(pattern: string, ask: PolicyAsk): string {
  if (!pattern.includes("${")) return pattern;
  return pattern.replace(/\$\{([^}]*)\}/g, (_, name: string) => ask.value(name.toLowerCase())?.[0] ?? "\0");
}

/** Whether it lets just anybody in: an Allow for everyone without a condition that narrows to known callers
 *  or networks. Amazon S3 user guide, "The meaning of public". */
export function isPublic(policy: Policy): boolean {
  return policy.statements.some(
    ({ allows, principals, conditions }) =>
      allows &&
      (principals.except || principals.patterns.includes("*")) &&
      !conditions.some(
        ({ key, operator, set, ifExists }) =>
          !operator.negated && set !== "all" && !ifExists && narrowing.has(key),
      ),
  );
}

const narrowing: ReadonlySet<string> = new Set([
  "aws:sourceip",
  "aws:principalarn",
  "aws:userid",
  "aws:username",
]);

const most = 20 * 1024;

/** Reads and checks a policy of `bucket`. What it does not know it refuses, and never widens.
 *  Faults: invalid, with a sentence for the one who wrote it. */
export const readPolicy = (json: string, bucket: string): Result<Policy> => readDocument(json, bucket);

/** Reads the policy of a role or a session: without Principal, of any bucket. It speaks of whoever has it.
 *  Faults: invalid. */
export const readIdentityPolicy = (json: string): Result<Policy> => readDocument(json, undefined);

function readDocument(json: string, bucket: string | undefined): Result<Policy> {
  if (json.length > most) return bad("The policy is longer than 20 KB");
  const document = parsed(json);
  if (!isRecord(document)) return bad("The policy is not valid JSON");
  const unknown = Object.keys(document).find((name) => !["Version", "Id", "Statement"].includes(name));
  if (unknown !== undefined) return bad(`Syntax errors in policy: unknown element ${unknown}`);
  const { Version: version = "2008-10-17", Statement: written } = document;
  if (version !== "2012-10-17" && version !== "2008-10-17")
    return bad("The policy must contain a valid version");
  const all = Array.isArray(written) ? (written as unknown[]) : [written];
  if (all.length === 0) return bad("Missing required field Statement");
  const statements: Statement[] = [];
  for (const one of all) {
    const read = readStatement(one, bucket);
    if (!read.ok) return read;
    statements.push(read.value);
  }
  const keys = new Set(statements.flatMap((one) => one.conditions.map(({ key }) => key)));
  return ok({ statements, keys });
}

const bad = (what: string): Result<never> => fail("invalid", what);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const elements = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

function readStatement(written: unknown, bucket: string | undefined): Result<Statement> {
  if (!isRecord(written)) return bad("A statement is not an object");
  const unknown = Object.keys(written).find((name) => !elements.includes(name));
  if (unknown !== undefined) return bad(`Syntax errors in policy: unknown element ${unknown}`);
  const { Effect: effect } = written;
  if (effect !== "Allow" && effect !== "Deny") return bad("Effect must be Allow or Deny");
  const principals = bucket === undefined ? whoever(written) : readPrincipals(written);
  if (!principals.ok) return principals;
  if (principals.value.except && effect === "Allow") return bad("NotPrincipal can only be used with Deny");
  const actions = readNames(written, "Action", patternsOf(isAction), "Policy has invalid action");
  if (!actions.ok) return actions;
  const inBucket = patternsOf((text) =>
    bucket === undefined ? text === "*" || text.startsWith("arn:aws:s3:::") : isResource(text, bucket),
  );
  const resources = readNames(written, "Resource", inBucket, "Policy has invalid resource");
  if (!resources.ok) return resources;
  const conditions = readConditions(written["Condition"]);
  if (!conditions.ok) return conditions;
  return ok({
    allows: effect === "Allow",
    principals: principals.value,
    actions: actions.value,
    resources: resources.value,
    conditions: conditions.value,
  });
}

const readPrincipals = (written: Record<string, unknown>): Result<Names> =>
  readNames(written, "Principal", principalPatterns, "Invalid principal in policy");

function whoever(written: Record<string, unknown>): Result<Names> {
  const named = written["Principal"] !== undefined || written["NotPrincipal"] !== undefined;
  return named ? bad("This policy has no Principal") : ok({ patterns: ["*"], except: false });
}

function readNames(
  written: Record<string, unknown>,
  name: string,
  read: (value: unknown) => readonly string[] | undefined,
  refusal: string,
): Result<Names> {
  const plain = written[name];
  const except = written[`Not${name}`];
  if ((plain === undefined) === (except === undefined)) {
    return bad(`A statement has either ${name} or Not${name}`);
  }
  const patterns = read(plain ?? except);
  return patterns?.length ? ok({ patterns, except: plain === undefined }) : bad(refusal);
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [value];

const patternsOf =
  (fits: (text: string) => boolean) =>
  (value: unknown): readonly string[] | undefined => {
    const all = listOf(value);
    return all.every((one): one is string => typeof one === "string" && fits(one)) ? all : undefined;
  };

const isAction = (text: string): boolean => /^(?:\*|s3:[A-Za-z*?]{1,64})$/.test(text);

function isResource(text: string, bucket: string): boolean {
  const name = text.startsWith("arn:aws:s3:::") ? text.slice(13) : undefined;
  if (name === undefined) return false;
  const slash = name.indexOf("/");
  return like(slash < 0 ? name : name.slice(0, slash), bucket);
}

/** "*", {"AWS": "*"}, {"AWS": [arn, id]}, {"CanonicalUser": id}. */
function principalPatterns(value: unknown): readonly string[] | undefined {
  if (value === "*") return ["*"];
  if (!isRecord(value)) return undefined;
  const found: string[] = [];
  for (const [kind, names] of Object.entries(value)) {
    if (kind !== "AWS" && kind !== "CanonicalUser") return undefined;
    for (const name of listOf(names)) {
      if (typeof name !== "string" || !isPrincipal(name)) return undefined;
      found.push(name);
    }
  }
  return found;
}

const isPrincipal = (text: string): boolean =>
  text === "*" ||
  /^arn:aws:iam::[a-z0-9-]{1,64}:(?:root|(?:user|group|role)\/[\w+=,.@/-]{1,128})$/.test(text) ||
  /^\w{1,64}$/.test(text);

function readConditions(written: unknown): Result<readonly PolicyCondition[]> {
  if (written === undefined) return ok([]);
  if (!isRecord(written)) return bad("Condition must be an object");
  const found: PolicyCondition[] = [];
  for (const [operator, pairs] of Object.entries(written)) {
    const read = readOperator(operator);
    if (!read || !isRecord(pairs)) return bad(`Policy has an invalid condition operator: ${operator}`);
    for (const [name, stated] of Object.entries(pairs)) {
      const key = name.toLowerCase();
      if (!isKnownKey(key)) return bad(`Policy has an invalid condition key: ${name}`);
      const values = listOf(stated).map(String);
      if (values.length === 0 || !values.every(read.operator.valid)) {
        return bad(`Policy has an invalid value for ${operator} of ${name}`);
      }
      found.push({ ...read, key, values });
    }
  }
  return ok(found);
}

const knownKeys: ReadonlySet<string> = new Set([
  "aws:currenttime",
  "aws:epochtime",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principaltype",
  "aws:referer",
  "aws:securetransport",
  "aws:sourceip",
  "aws:useragent",
  "aws:userid",
  "aws:username",
  "s3:authtype",
  "s3:delimiter",
  "s3:if-match",
  "s3:if-none-match",
  "s3:locationconstraint",
  "s3:max-keys",
  "s3:object-lock-legal-hold",
  "s3:object-lock-mode",
  "s3:object-lock-remaining-retention-days",
  "s3:object-lock-retain-until-date",
  "s3:objectcreationoperation",
  "s3:prefix",
  "s3:requestobjecttagkeys",
  "s3:signatureage",
  "s3:signatureversion",
  "s3:tlsversion",
  "s3:versionid",
  "s3:x-amz-acl",
  "s3:x-amz-content-sha256",
  "s3:x-amz-copy-source",
  "s3:x-amz-metadata-directive",
  "s3:x-amz-server-side-encryption",
  "s3:x-amz-server-side-encryption-aws-kms-key-id",
  "s3:x-amz-storage-class",
]);

const isKnownKey = (key: string): boolean =>
  knownKeys.has(key) || key.startsWith("s3:existingobjecttag/") || key.startsWith("s3:requestobjecttag/");
