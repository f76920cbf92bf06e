import { maybe, tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { isoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { commonPrefixes, encoder, namespace, ownerXml, readKeyPage, type KeyPage } from "./listing.ts";
import type { Query } from "./target.ts";
import { malformedXml, wordIn } from "./xml-walk.ts";

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
