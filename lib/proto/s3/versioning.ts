import { maybe, tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { isoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { commonPrefixes, encoder, namespace, ownerXml, readKeyPage, type KeyPage } from "./listing.ts";
import { percentDecode, type Query } from "./target.ts";
import { countIn, malformedXml, textIn, wordIn } from "./xml-walk.ts";

/** Reads `<VersioningConfiguration><Status>`. MFA delete is not served. */
export function readVersioning(root: XmlElement): Parsed<"enabled" | "suspended"> {
  if (root.name !== "VersioningConfiguration") return malformedXml();
  if (wordIn(root, "MfaDelete") === "Enabled")
    return refuse("NotImplemented", "MFA delete is not implemented.");
  const status = wordIn(root, "Status");
  if (status === "Enabled") return { ok: true, value: "enabled" };
  if (status === "Suspended") return { ok: true, value: "suspended" };
  return refuse("IllegalVersioningConfigurationException", "The Versioning element must be specified");
}

/** A bucket that never had it says nothing. */
export const versioningXml = (state: "off" | "enabled" | "suspended"): string =>
  xmlDocument(
    `VersioningConfiguration ${namespace}`,
    state === "off" ? undefined : tag("Status", state === "enabled" ? "Enabled" : "Suspended"),
  );

export interface VersionsPage extends KeyPage {
  readonly keyMarker: string;
  readonly versionMarker: string;
}

export function readVersionsPage(query: Query): Parsed<VersionsPage> {
  const page = readKeyPage(query, "max-keys");
  if (!page.ok) return page;
  const keyMarker = query.get("key-marker") ?? "";
  const versionMarker = query.get("version-id-marker") ?? "";
  if (keyMarker === "" && versionMarker !== "") {
    return refuse("InvalidArgument", "A version-id marker cannot be specified without a key marker.");
  }
  return { ok: true, value: { ...page.value, keyMarker, versionMarker } };
}

export interface ListedVersion {
  readonly key: string;
  readonly version: string;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
}

export interface ListedVersions {
  readonly bucket: string;
  readonly owner: { readonly id: string; readonly name: string };
  readonly versions: readonly ListedVersion[];
  readonly prefixes: readonly string[];
  readonly next: { readonly key: string; readonly version: string } | undefined;
}

export function versionsXml(ask: VersionsPage, listed: ListedVersions): string {
  const e = encoder(ask.url);
  return xmlDocument(
    `ListVersionsResult ${namespace}`,
    tag("Name", listed.bucket),
    tag("Prefix", e(ask.prefix)),
    tag("KeyMarker", e(ask.keyMarker)),
    tag("VersionIdMarker", ask.versionMarker),
    maybe("NextKeyMarker", listed.next && e(listed.next.key)),
    maybe("NextVersionIdMarker", listed.next?.version),
    tag("MaxKeys", ask.limit),
    ask.delimiter === "" ? undefined : tag("Delimiter", e(ask.delimiter)),
    tag("IsTruncated", listed.next !== undefined),
    ask.url ? tag("EncodingType", "url") : undefined,
    listed.versions.map((row) => versionXml(row, e, listed.owner)),
    commonPrefixes(listed.prefixes, e),
  );
}

function versionXml(row: ListedVersion, e: (text: string) => string, owner: ListedVersions["owner"]): Xml {
  const { deleteMarker } = row;
  return tag(
    deleteMarker ? "DeleteMarker" : "Version",
    tag("Key", e(row.key)),
    tag("VersionId", row.version),
    tag("IsLatest", row.latest),
    tag("LastModified", isoDate(row.modifiedAt)),
    deleteMarker ? undefined : tag("ETag", `"${row.etag}"`),
    deleteMarker ? undefined : tag("Size", row.size),
    ownerXml("Owner", owner),
    deleteMarker ? undefined : tag("StorageClass", "STANDARD"),
  );
}

/** One page as another server tells it: keys in byte order, each key's versions newest first. */
export interface ReadVersions {
  readonly versions: readonly ListedVersion[];
  readonly next: { readonly key: string; readonly version: string } | undefined;
}

/** Reads `<ListVersionsResult>`; undefined where it is not one. */
export function readVersionsXml(root: XmlElement): ReadVersions | undefined {
  if (root.name !== "ListVersionsResult") return undefined;
  const url = wordIn(root, "EncodingType") === "url";
  const decode = (text: string): string | undefined =>
    url ? percentDecode(text.replaceAll("+", "%20")) : text;
  const versions: ListedVersion[] = [];
  for (const row of root.children) {
    if (row.name !== "Version" && row.name !== "DeleteMarker") continue;
    const version = readVersionRow(row, decode);
    if (!version) return undefined;
    versions.push(version);
  }
  if (wordIn(root, "IsTruncated") !== "true") return { versions, next: undefined };
  const key = decode(textIn(root, "NextKeyMarker") ?? "");
  if (key === undefined || key === "") return undefined;
  return { versions, next: { key, version: wordIn(root, "NextVersionIdMarker") ?? "" } };
}

function readVersionRow(
  row: XmlElement,
  decode: (text: string) => string | undefined,
): ListedVersion | undefined {
  const key = decode(textIn(row, "Key") ?? "");
  const deleteMarker = row.name === "DeleteMarker";
  const size = deleteMarker ? 0 : countIn(wordIn(row, "Size"), 0, 5 * 2 ** 40);
  const modifiedAt = Date.parse(wordIn(row, "LastModified") ?? "");
  if (key === undefined || key === "" || size === undefined || Number.isNaN(modifiedAt)) return undefined;
  return {
    key,
    version: wordIn(row, "VersionId") ?? "null",
    latest: wordIn(row, "IsLatest") === "true",
    deleteMarker,
    size,
    etag: (wordIn(row, "ETag") ?? "").replaceAll('"', ""),
    modifiedAt,
  };
}
