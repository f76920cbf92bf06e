import { remembered } from "../../base/memo.ts";
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
  const when = readWhen(headers);
  if (!when) {
    return refuse("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  const claim = assemble(
    fieldOf(text, "Credential="),
    fieldOf(text, "SignedHeaders="),
    fieldOf(text, "Signature="),
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

/** The value of one of the header's fields, which commas part. */
function fieldOf(text: string, name: string): string | undefined {
  for (let at = text.indexOf(name, algorithm.length); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1];
    if (before !== " " && before !== "," && before !== "\t") continue;
    const comma = text.indexOf(",", at);
    return text.slice(at + name.length, comma < 0 ? text.length : comma).trim();
  }
  return undefined;
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
  const scope = credential && scopeOfCredential(credential);
  if (!scope || !signed || signature === undefined || !/^[0-9a-f]{64}$/.test(signature)) return undefined;
  const { keyId, day, region, service } = scope;
  const signedHeaders = namesOf(signed);
  if (!when.amzDate.startsWith(day) || !signedHeaders.includes("host")) return undefined;
  const { amzDate, at } = when;
  return { keyId, day, region, service, signedHeaders, signature, amzDate, at };
}

interface Scope {
  readonly keyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

const scopeOfCredential = remembered((credential: string): Scope | false => {
  // A key id may hold "/": the last four parts are the scope's.
  const parts = credential.split("/");
  const [day, region, service, end] = parts.slice(-4) as [string, string, string, string];
  if (parts.length < 5 || end !== "aws4_request" || day.length !== 8) return false;
  return { keyId: parts.slice(0, -4).join("/"), day, region, service };
});

const namesOf = remembered((signed: string): readonly string[] => signed.toLowerCase().split(";"));
