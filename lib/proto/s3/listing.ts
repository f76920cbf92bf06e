import { fromBase64, textOf, utf8 } from "../../base/bytes.ts";
import { maybe, tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import { isoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { percentEncode, type Query } from "./target.ts";

export const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** What every listing of keys asks. */
export interface KeyPage {
  readonly prefix: string;
  readonly delimiter: string;
  /** 0–1000. */
  readonly limit: number;
  readonly url: boolean;
}

export interface ListV1 extends KeyPage {
  readonly version: 1;
  readonly marker: string;
}

export interface ListV2 extends KeyPage {
  readonly version: 2;
  readonly token: string | undefined;
  readonly startAfter: string;
  /** Where to go on: the token's, else `startAfter`. */
  readonly after: string;
  readonly fetchOwner: boolean;
}

export function readKeyPage(query: Query, limitName: string): Parsed<KeyPage> {
  const text = query.get(limitName);
  if (text !== undefined && text !== "" && !/^\d{1,10}$/.test(text)) {
    return refuse("InvalidArgument", `Provided ${limitName} not an integer or within integer range`, {
      extra: { ArgumentName: limitName, ArgumentValue: text },
    });
  }
  const encoding = query.get("encoding-type");
  if (encoding !== undefined && encoding !== "" && encoding !== "url") {
    return refuse("InvalidArgument", "Invalid Encoding Method specified in Request", {
      extra: { ArgumentName: "encoding-type", ArgumentValue: encoding },
    });
  }
  const value = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    limit: text === undefined || text === "" ? 1000 : Math.min(1000, Number(text)),
    url: encoding === "url",
  };
  return { ok: true, value };
}

export function readListV1(query: Query): Parsed<ListV1> {
  const page = readKeyPage(query, "max-keys");
  if (!page.ok) return page;
  return { ok: true, value: { ...page.value, version: 1, marker: query.get("marker") ?? "" } };
}

export function readListV2(query: Query, bucket: string): Parsed<ListV2> {
  const page = readKeyPage(query, "max-keys");
  if (!page.ok) return page;
  if (query.get("list-type") !== "2")
    return refuse("InvalidArgument", "Invalid List Type specified in Request");
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const { prefix, delimiter } = page.value;
  const after = token === undefined ? startAfter : readToken(token, { bucket, prefix, delimiter });
  if (after === undefined) return refuse("InvalidArgument", "The continuation token provided is incorrect");
  const fetchOwner = query.get("fetch-owner") === "true";
  return { ok: true, value: { ...page.value, version: 2, token, startAfter, after, fetchOwner } };
}

interface Bound {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
}

/** An opaque token that is good for the listing it came from and no other. */
export const writeToken = (after: string, of: Bound): string =>
  utf8(JSON.stringify([1, of.bucket, of.prefix, of.delimiter, after])).toBase64({ alphabet: "base64url" });

function readToken(token: string, of: Bound): string | undefined {
  const bytes = fromBase64(token.replaceAll("-", "+").replaceAll("_", "/"));
  const text = bytes && textOf(bytes);
  const start = JSON.stringify([1, of.bucket, of.prefix, of.delimiter]).slice(0, -1);
  if (!text?.startsWith(`${start},"`) || !text.endsWith('"]')) return undefined;
  try {
    const after: unknown = JSON.parse(text.slice(start.length + 1, -1));
    return typeof after === "string" ? after : undefined;
  } catch {
    return undefined;
  }
}

/** A row of Contents. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
  readonly checksum: { readonly wire: string; readonly type: string } | undefined;
}

export interface Listed {
  readonly bucket: string;
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** Where the next page goes on; undefined at the end. */
  readonly next: string | undefined;
  readonly owner: { readonly id: string; readonly name: string };
}

export const encoder = (url: boolean): ((text: string) => string) => (url ? percentEncode : (text) => text);

export function listV1Xml(ask: ListV1, listed: Listed): string {
  const e = encoder(ask.url);
  // Without a delimiter clients go on from the last key they were given.
  const marker = ask.delimiter !== "" && listed.next !== undefined ? e(listed.next) : undefined;
  return xmlDocument(
    `ListBucketResult ${namespace}`,
    tag("Name", listed.bucket),
    tag("Prefix", e(ask.prefix)),
    tag("Marker", e(ask.marker)),
    maybe("NextMarker", marker),
    tag("MaxKeys", ask.limit),
    ask.delimiter === "" ? undefined : tag("Delimiter", e(ask.delimiter)),
    tag("IsTruncated", listed.next !== undefined),
    ask.url ? tag("EncodingType", "url") : undefined,
    listed.objects.map((row) => contents(row, e, listed.owner)),
    commonPrefixes(listed.prefixes, e),
  );
}

export function listV2Xml(ask: ListV2, listed: Listed): string {
  const e = encoder(ask.url);
  const next =
    listed.next === undefined ? undefined : writeToken(listed.next, { ...ask, bucket: listed.bucket });
  return xmlDocument(
    `ListBucketResult ${namespace}`,
    tag("Name", listed.bucket),
    tag("Prefix", e(ask.prefix)),
    ask.startAfter === "" ? undefined : tag("StartAfter", e(ask.startAfter)),
    maybe("ContinuationToken", ask.token),
    maybe("NextContinuationToken", next),
    tag("KeyCount", listed.objects.length + listed.prefixes.length),
    tag("MaxKeys", ask.limit),
    ask.delimiter === "" ? undefined : tag("Delimiter", e(ask.delimiter)),
    tag("IsTruncated", next !== undefined),
    ask.url ? tag("EncodingType", "url") : undefined,
    listed.objects.map((row) => contents(row, e, ask.fetchOwner ? listed.owner : undefined)),
    commonPrefixes(listed.prefixes, e),
  );
}

export const commonPrefixes = (prefixes: readonly string[], e: (text: string) => string): Xml[] =>
  prefixes.map((prefix) => tag("CommonPrefixes", tag("Prefix", e(prefix))));

export const ownerXml = (name: string, owner: { id: string; name: string }): Xml =>
  tag(name, tag("ID", owner.id), tag("DisplayName", owner.name));

function contents(row: ListedObject, e: (text: string) => string, owner: Listed["owner"] | undefined): Xml {
  return tag(
    "Contents",
    tag("Key", e(row.key)),
    tag("LastModified", isoDate(row.modifiedAt)),
    tag("ETag", `"${row.etag}"`),
    row.checksum && tag("ChecksumAlgorithm", row.checksum.wire),
    row.checksum && tag("ChecksumType", row.checksum.type),
    tag("Size", row.size),
    owner && ownerXml("Owner", owner),
    tag("StorageClass", "STANDARD"),
  );
}
