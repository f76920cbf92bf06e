import { base64, utf8 } from "../../base/bytes.ts";
import { equalTexts } from "../../crypto/equal.ts";
import { hmacSha1 } from "../../crypto/hash.ts";
import type { Address } from "./address.ts";
import { readAmzDate, readHttpDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import type { Target } from "./target.ts";

/** A claim of AWS signature version 2 (HMAC-SHA1), for clients that know no better. It covers neither the
 *  body nor most headers. */
export interface ClaimV2 {
  readonly form: "header" | "query";
  readonly keyId: string;
  readonly signature: string;
  /** When it was signed; for a query, when it ends. Milliseconds since 1970. */
  readonly at: number;
  /** What stands in the date's line of the signed text. */
  readonly dateLine: string;
}

/** Whether the request claims a version 2 signature at all. */
export const claimsV2 = (headers: ReadonlyMap<string, string>, target: Target): boolean =>
  headers.get("authorization")?.startsWith("AWS ") === true || target.query.has("AWSAccessKeyId");

export function readClaimV2(headers: ReadonlyMap<string, string>, target: Target): Parsed<ClaimV2> {
  const authorization = headers.get("authorization");
  if (authorization !== undefined) {
    const m = /^AWS ([^:\s]{1,128}):([A-Za-z0-9+/=]{1,64})$/.exec(authorization);
    const date = headers.get("x-amz-date") ?? headers.get("date") ?? "";
    const at = readHttpDate(date.replace(/[+-]0000$/, "GMT")) ?? readAmzDate(date);
    if (!m) return refuse("InvalidArgument", "The authorization header you provided is invalid.");
    if (at === undefined) {
      return refuse("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
    }
    const dateLine = headers.has("x-amz-date") ? "" : date;
    return { ok: true, value: { form: "header", keyId: m[1]!, signature: m[2]!, at, dateLine } };
  }
  const { query } = target;
  const [keyId, signature, expires] = ["AWSAccessKeyId", "Signature", "Expires"].map((name) =>
    query.get(name),
  );
  if (!keyId || !signature || !/^\d{1,12}$/.test(expires ?? "")) {
    return refuse(
      "AccessDenied",
      "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    );
  }
  const at = Number(expires) * 1000;
  return { ok: true, value: { form: "query", keyId, signature, at, dateLine: expires! } };
}

/** Constant time. `virtual`: the bucket came from the host's name. */
export function verifiesV2(
  claim: ClaimV2,
  secret: string,
  method: string,
  headers: ReadonlyMap<string, string>,
  target: Target,
  address: Address,
): boolean {
  const text = signedTextV2(claim, method, headers, target, address);
  const latin1 = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return equalTexts(base64(hmacSha1(utf8(secret), latin1)), claim.signature);
}

/** Method, Content-MD5, Content-Type, date, the `x-amz-` headers, the resource: one a line. */
export function signedTextV2(
  claim: Pick<ClaimV2, "dateLine">,
  method: string,
  headers: ReadonlyMap<string, string>,
  target: Target,
  address: Address,
): string {
  const amz = [...headers].filter(([name]) => name.startsWith("x-amz-")).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = amz.map(([name, value]) => `${name}:${value.trim().replace(/\s*\r?\n\s*/g, " ")}\n`).join("");
  const plain = ["content-md5", "content-type"].map((name) => headers.get(name) ?? "");
  const head = [method, ...plain, claim.dateLine].join("\n");
  return `${head}\n${lines}${resourceV2(target, address)}`;
}

/** "/bucket/key?acl&versionId=…": the path as sent, behind the bucket where the host named it, and those
 *  parameters that choose a sub-resource, sorted. */
function resourceV2({ rawPath, path, query }: Target, { bucket }: Address): string {
  const pathStyle = bucket === "" || path === `/${bucket}` || path.startsWith(`/${bucket}/`);
  const chosen = query.pairs
    .filter(([name]) => covered.has(name) || name.startsWith("response-"))
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  const resource = pathStyle ? rawPath : `/${bucket}${rawPath}`;
  return chosen.length === 0 ? resource : `${resource}?${chosen.join("&")}`;
}

const covered: ReadonlySet<string> = new Set([
  "accelerate",
  "acl",
  "analytics",
  "cors",
  "delete",
  "encryption",
  "inventory",
  "legal-hold",
  "lifecycle",
  "location",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "partNumber",
  "policy",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "select-type",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versionId",
  "versioning",
  "versions",
  "website",
]);
