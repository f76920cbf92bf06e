import { readAmzDate, readHttpDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import type { Query } from "./target.ts";

/** Who a request says it is from, and the signature that is to prove it. */
export interface Claim {
  readonly form: "header" | "query";
  readonly keyId: string;
  /** "20130524". */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, in the order sent. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** "20130524T000000Z". */
  readonly amzDate: string;
  /** `amzDate` in milliseconds since 1970. */
  readonly at: number;
  /** How long a presigned request holds, in seconds; undefined for a header. */
  readonly expires: number | undefined;
  /** Of temporary credentials. */
  readonly token: string | undefined;
}

export const algorithm = "AWS4-HMAC-SHA256";

/** Reads `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
export function readHeaderClaim(headers: ReadonlyMap<string, string>): Parsed<Claim> {
  const text = headers.get("authorization") ?? "";
  if (!text.startsWith(`${algorithm} `)) {
    return refuse("InvalidArgument", "Unsupported Authorization Type", {
      extra: { ArgumentName: "Authorization" },
    });
  }
  const fields = new Map<string, string>();
  for (const part of text.slice(algorithm.length).split(",")) {
    const equals = part.indexOf("=");
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const when = readWhen(headers);
  if (!when) {
    return refuse("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  const claim = assemble(
    fields.get("Credential"),
    fields.get("SignedHeaders"),
    fields.get("Signature"),
    when,
  );
  if (!claim) {
    return refuse("AuthorizationHeaderMalformed", "The authorization header you provided is invalid.");
  }
  const token = headers.get("x-amz-security-token");
  return { ok: true, value: { ...claim, form: "header", expires: undefined, token } };
}

/** Reads `X-Amz-Algorithm`, `-Credential`, `-Date`, `-Expires`, `-SignedHeaders`, `-Signature`. */
export function readQueryClaim(query: Query): Parsed<Claim> {
  const bad = (what: string): ReturnType<typeof refuse> => refuse("AuthorizationQueryParametersError", what);
  if (query.get("X-Amz-Algorithm") !== algorithm) {
    return bad('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  }
  const amzDate = query.get("X-Amz-Date") ?? "";
  const at = readAmzDate(amzDate);
  if (at === undefined) return bad("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const seconds = query.get("X-Amz-Expires") ?? "";
  if (!/^-?\d{1,12}$/.test(seconds)) return bad("X-Amz-Expires should be a number");
  const expires = Number(seconds);
  if (expires < 1) return bad("X-Amz-Expires must be positive");
  if (expires > 604_800) {
    return bad("X-Amz-Expires must be less than a week (in seconds) that is 604800");
  }
  const claim = assemble(
    query.get("X-Amz-Credential"),
    query.get("X-Amz-SignedHeaders"),
    query.get("X-Amz-Signature"),
    { amzDate, at },
  );
  if (!claim) return bad("Error parsing the X-Amz-Credential, -SignedHeaders or -Signature parameter");
  return { ok: true, value: { ...claim, form: "query", expires, token: query.get("X-Amz-Security-Token") } };
}

interface When {
  readonly amzDate: string;
  readonly at: number;
}

function readWhen(headers: ReadonlyMap<string, string>): When | undefined {
  const amzDate = headers.get("x-amz-date") ?? headers.get("date");
  if (amzDate === undefined) return undefined;
  const iso = readAmzDate(amzDate);
  if (iso !== undefined) return { amzDate, at: iso };
  const at = readHttpDate(amzDate);
  if (at === undefined) return undefined;
  return { amzDate: new Date(at).toISOString().replace(/[-:]|\.\d+/g, ""), at };
}

function assemble(
  credential: string | undefined,
  signed: string | undefined,
  signature: string | undefined,
  when: When,
): Omit<Claim, "form" | "expires" | "token"> | undefined {
  // A key id may hold "/": the last four parts are the scope's.
  const parts = credential?.split("/") ?? [];
  if (parts.length < 5 || !signed || !/^[0-9a-f]{64}$/.test(signature ?? "")) return undefined;
  const [day, region, service, end] = parts.slice(-4) as [string, string, string, string];
  const signedHeaders = signed.toLowerCase().split(";");
  if (end !== "aws4_request" || day !== when.amzDate.slice(0, 8)) return undefined;
  if (!signedHeaders.includes("host")) return undefined;
  const keyId = parts.slice(0, -4).join("/");
  return { keyId, day, region, service, signedHeaders, signature: signature!, ...when };
}
