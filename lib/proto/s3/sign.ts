import { hex, utf8 } from "../../base/bytes.ts";
import { sha256 } from "../../crypto/hash.ts";
import { algorithm, type Claim } from "./claim.ts";
import { unsignedPayload } from "./payload.ts";
import { scopeOf, signatureOf, signingKey } from "./sigv4.ts";
import { percentEncode, readTarget } from "./target.ts";

export interface Credentials {
  readonly keyId: string;
  readonly secret: string;
  readonly region: string;
}

/** A request to another S3 server. `target` is the raw path and query; `headers` holds Host, lower case. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-content-sha256`; undefined: unsigned. */
  readonly payload?: string;
}

/** The headers to send to another service of AWS's kind, whose requests are signed over the body's hash. */
export function signService(
  out: Omit<Outgoing, "payload"> & { readonly body: string },
  service: string,
  by: Credentials,
  atMs: number,
): Record<string, string> {
  const payload = hex(sha256(utf8(out.body)));
  return signHeaders({ ...out, payload }, service, by, atMs, {});
}

/** The headers to send: those given, the date, the payload's hash and the signature. */
export function signRequest(out: Outgoing, by: Credentials, atMs: number): Record<string, string> {
  const payload = out.payload ?? unsignedPayload;
  return signHeaders({ ...out, payload }, "s3", by, atMs, { "x-amz-content-sha256": payload });
}

function signHeaders(
  out: Outgoing & { readonly payload: string },
  service: string,
  by: Credentials,
  atMs: number,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  const { payload } = out;
  const amzDate = amzDateOf(atMs);
  const headers = { ...out.headers, "x-amz-date": amzDate, ...more };
  const map = new Map(Object.entries(headers));
  const claim = claimFor("header", service, by, amzDate, atMs, [...map.keys()].sort());
  const signature = sign(claim, by, { method: out.method, target: out.target, headers: map, payload });
  const credential = `${by.keyId}/${scopeOf(claim)}`;
  const names = claim.signedHeaders.join(";");
  const proof = `Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization: `${algorithm} ${proof}` };
}

/** The target with its signature in the query: good for `expires` seconds. */
export function presign(out: Outgoing, by: Credentials, atMs: number, expires: number): string {
  const amzDate = amzDateOf(atMs);
  const map = new Map(Object.entries(out.headers));
  const claim = claimFor("query", "s3", by, amzDate, atMs, [...map.keys()].sort());
  const fields = [
    ["X-Amz-Algorithm", algorithm],
    ["X-Amz-Credential", `${by.keyId}/${scopeOf(claim)}`],
    ["X-Amz-Date", amzDate],
    ["X-Amz-Expires", String(expires)],
    ["X-Amz-SignedHeaders", claim.signedHeaders.join(";")],
  ] as const;
  const query = fields.map(([name, value]) => `${name}=${percentEncode(value)}`).join("&");
  const target = `${out.target}${out.target.includes("?") ? "&" : "?"}${query}`;
  const payload = out.payload ?? unsignedPayload;
  const signature = sign(claim, by, { method: out.method, target, headers: map, payload });
  return `${target}&X-Amz-Signature=${signature}`;
}

const amzDateOf = (atMs: number): string => new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, "");

function claimFor(
  form: Claim["form"],
  service: string,
  by: Credentials,
  amzDate: string,
  at: number,
  signedHeaders: readonly string[],
): Claim {
  const day = amzDate.slice(0, 8);
  const { keyId, region } = by;
  const rest = { signature: "", expires: undefined, token: undefined };
  return { form, keyId, day, region, service, signedHeaders, amzDate, at, ...rest };
}

function sign(
  claim: Claim,
  by: Credentials,
  out: { method: string; target: string; headers: ReadonlyMap<string, string>; payload: string },
): string {
  const target = readTarget(out.target);
  if (!target.ok) return "";
  const signed = { ...out, target: target.value };
  return signatureOf(claim, signingKey(by.secret, claim), signed, target.value.rawPath);
}
