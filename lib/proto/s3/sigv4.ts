import { utf8 } from "../../base/bytes.ts";
import { equalTexts } from "../../crypto/equal.ts";
import { hmacSha256, hmacSha256HexLatin1, sha256HexLatin1 } from "../../crypto/hash.ts";
import { algorithm, type Claim } from "./claim.ts";
import { percentEncode, percentEncodePath, type Target } from "./target.ts";

/** What a signature is made over. */
export interface Signed {
  readonly method: string;
  readonly target: Target;
  readonly headers: ReadonlyMap<string, string>;
  /** The value of `x-amz-content-sha256`, or what stands for it. */
  readonly payload: string;
}

/** Derives the key of one day, region and service. Costs four HMACs: cache it. */
export function signingKey(secret: string, claim: Pick<Claim, "day" | "region" | "service">): Uint8Array {
  const day = hmacSha256(utf8(`AWS4${secret}`), utf8(claim.day));
  const region = hmacSha256(day, utf8(claim.region));
  return hmacSha256(hmacSha256(region, utf8(claim.service)), utf8("aws4_request"));
}

/** "20130524/us-east-1/s3/aws4_request". */
export const scopeOf = (claim: Pick<Claim, "day" | "region" | "service">): string =>
  `${claim.day}/${claim.region}/${claim.service}/aws4_request`;

/** Whether the claim's signature is that of the request under `key`. Constant time. The path is taken
 *  encoded once, as AWS does; a client that signed what it sent, encoded its own way, is believed too. */
export function verifies(claim: Claim, key: Uint8Array, signed: Signed): boolean {
  const { rawPath, path } = signed.target;
  const encoded = percentEncodePath(path);
  if (equalTexts(signatureOf(claim, key, signed, encoded), claim.signature)) return true;
  return rawPath !== encoded && equalTexts(signatureOf(claim, key, signed, rawPath), claim.signature);
}

export function signatureOf(claim: Claim, key: Uint8Array, signed: Signed, path: string): string {
  const canonical = canonicalRequest(signed, path, claim.signedHeaders);
  const text = `${algorithm}\n${claim.amzDate}\n${scopeOf(claim)}\n${sha256HexLatin1(canonical)}`;
  return hmacSha256HexLatin1(key, text);
}

/** Method, path, query, headers, their names, payload hash: one a line. Latin-1. */
export function canonicalRequest(signed: Signed, path: string, signedHeaders: readonly string[]): string {
  let headers = "";
  for (const name of signedHeaders) headers += `${name}:${trimmed(signed.headers.get(name) ?? "")}\n`;
  const query = canonicalQuery(signed.target);
  return `${signed.method}\n${path}\n${query}\n${headers}\n${signedHeaders.join(";")}\n${signed.payload}`;
}

/** Blanks alone: the bytes of UTF-8 look like other white space. */
const trimmed = (value: string): string =>
  untidy.test(value) ? value.replace(/^[\t ]+|[\t ]+$/g, "").replace(/ {2,}/g, " ") : value;
const untidy = /^[\t ]|[\t ]$| {2}/;

function canonicalQuery({ query }: Target): string {
  if (query.pairs.length === 0) return "";
  const encoded: Pair[] = [];
  let sorted = true;
  for (const [name, value] of query.pairs) {
    if (name === "X-Amz-Signature") continue;
    const pair = [percentEncode(name), percentEncode(value)] as const;
    sorted &&= encoded.length === 0 || byPair(encoded.at(-1)!, pair) <= 0;
    encoded.push(pair);
  }
  if (!sorted) encoded.sort(byPair);
  let text = "";
  for (const [name, value] of encoded) text += text === "" ? `${name}=${value}` : `&${name}=${value}`;
  return text;
}

type Pair = readonly [string, string];
const byPair = (a: Pair, b: Pair): number => order(a[0], b[0]) || order(a[1], b[1]);

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** A header that changes the meaning of the request and is not covered by the signature; undefined where
 *  there is none. All of `x-amz-*` must be. */
export function unsignedHeader(
  headers: ReadonlyMap<string, string>,
  signedHeaders: readonly string[],
): string | undefined {
  for (const name of headers.keys()) {
    if (!name.startsWith("x-amz-") || name === "x-amz-content-sha256") continue;
    if (!signedHeaders.includes(name)) return name;
  }
  return undefined;
}
