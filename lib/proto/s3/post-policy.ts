import { fromBase64, textOf } from "../../base/bytes.ts";
import { equalTexts } from "../../crypto/equal.ts";
import { hmacSha256HexLatin1 } from "../../crypto/hash.ts";
import { algorithm, type Claim } from "./claim.ts";
import { readAmzDate, readIsoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";

/** What a POST form's policy allows. */
export interface PostPolicy {
  readonly expiresAt: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** The claim in a form's fields; undefined: the form is anonymous. */
export function readFormClaim(fields: ReadonlyMap<string, string>): Parsed<Claim> | undefined {
  const signature = fields.get("x-amz-signature");
  const policy = fields.get("policy");
  if (signature === undefined && policy === undefined) return undefined;
  const amzDate = fields.get("x-amz-date") ?? "";
  const at = readAmzDate(amzDate);
  const parts = (fields.get("x-amz-credential") ?? "").split("/");
  const [day, region, service, end] = parts.slice(-4) as [string, string, string, string];
  const bad =
    fields.get("x-amz-algorithm") !== algorithm ||
    policy === undefined ||
    at === undefined ||
    parts.length < 5 ||
    end !== "aws4_request" ||
    day !== amzDate.slice(0, 8) ||
    !/^[0-9a-f]{64}$/.test(signature ?? "");
  if (bad)
    return refuse(
      "InvalidArgument",
      "The form's policy, credential, date or signature is missing or malformed.",
    );
  const keyId = parts.slice(0, -4).join("/");
  const rest = { signedHeaders: [], expires: undefined, token: fields.get("x-amz-security-token") };
  return {
    ok: true,
    value: { form: "query", keyId, day, region, service, signature: signature!, amzDate, at, ...rest },
  };
}

/** The signature is over the policy as it was sent, in base64. Constant time. */
export const formVerifies = (claim: Claim, key: Uint8Array, policy: string): boolean =>
  equalTexts(hmacSha256HexLatin1(key, policy), claim.signature);

/** Reads the policy and checks every field against it: what no condition covers is refused. */
export function readPostPolicy(fields: ReadonlyMap<string, string>, bucket: string): Parsed<PostPolicy> {
  const document = parsed(fields.get("policy") ?? "");
  const expiresAt = readIsoDate(String(document?.["expiration"]));
  const conditions = document?.["conditions"];
  if (expiresAt === undefined || !Array.isArray(conditions)) return bad("Invalid Policy: Invalid JSON.");
  const uncovered = new Set([...fields.keys()].filter((name) => !exempt.test(name)));
  let [minBytes, maxBytes] = [0, 5 * 2 ** 30];
  for (const condition of conditions.flatMap(asTriples)) {
    const [operator, subject, wanted] = condition;
    if (operator === "content-length-range") {
      if (!isCount(subject) || !isCount(wanted)) return bad("Invalid Policy: Invalid content-length-range.");
      [minBytes, maxBytes] = [subject, wanted];
      continue;
    }
    if (typeof subject !== "string" || typeof wanted !== "string")
      return bad("Invalid Policy: Invalid condition.");
    const name = subject.replace(/^\$/, "").toLowerCase();
    const value = name === "bucket" ? bucket : (fields.get(name) ?? "");
    const holds =
      operator === "eq" ? value === wanted : operator === "starts-with" && startsWith(name, value, wanted);
    if (!holds) {
      return refuse(
        "AccessDenied",
        `Invalid according to Policy: Policy Condition failed: ["${operator}", "$${name}", "${wanted}"]`,
      );
    }
    uncovered.delete(name);
  }
  const [extra] = uncovered;
  if (extra !== undefined)
    return refuse("AccessDenied", `Invalid according to Policy: Extra input fields: ${extra}`);
  return { ok: true, value: { expiresAt, minBytes, maxBytes } };
}

const exempt = /^(?:file|policy|x-amz-signature|awsaccesskeyid|signature|bucket|x-ignore-.*)$/;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const bad = (message: string): ReturnType<typeof refuse> => refuse("InvalidPolicyDocument", message);

/** A Content-Type may be a list, each of which must begin so. */
function startsWith(name: string, value: string, wanted: string): boolean {
  const all = name === "content-type" ? value.split(",") : [value];
  return all.every((one) => one.startsWith(wanted));
}

function asTriples(condition: unknown): (readonly [string, unknown, unknown])[] {
  if (Array.isArray(condition) && condition.length === 3) {
    const [operator, subject, wanted] = condition as [unknown, unknown, unknown];
    return [[typeof operator === "string" ? operator.toLowerCase() : "", subject, wanted]];
  }
  if (typeof condition === "object" && condition !== null && !Array.isArray(condition)) {
    return Object.entries(condition).map(([name, wanted]) => ["eq", name, wanted] as const);
  }
  return [["", undefined, undefined]];
}

function parsed(base64: string): Record<string, unknown> | undefined {
  const bytes = fromBase64(base64);
  const text = bytes && textOf(bytes);
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
