import { fromBase64 } from "../../base/bytes.ts";
import { maybe, tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import { readXml, type XmlElement } from "../../wire/xml.ts";
import { checksums, type ChecksumName } from "./checksum.ts";
import { isoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { commonPrefixes, encoder, namespace, ownerXml, type KeyPage } from "./listing.ts";
import type { Query } from "./target.ts";

export interface CompletedPart {
  readonly number: number;
  readonly etag: string;
  readonly digests: Readonly<Partial<Record<ChecksumName, Uint8Array>>>;
}

/** Reads `<CompleteMultipartUpload><Part><PartNumber/><ETag/><ChecksumX/></Part>…`: 1–10,000, rising. */
export function readComplete(body: Uint8Array): Parsed<readonly CompletedPart[]> {
  const malformed = refuse(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
  const root = readXml(body, { depth: 4, elements: 100_000, attributes: 8 });
  if (root?.name !== "CompleteMultipartUpload") return malformed;
  const parts: CompletedPart[] = [];
  for (const child of root.children) {
    if (child.name !== "Part") continue;
    const part = readPart(child);
    if (!part) return malformed;
    const last = parts.at(-1);
    if (last && last.number >= part.number) {
      return refuse(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
      );
    }
    parts.push(part);
  }
  return parts.length === 0 || parts.length > 10_000 ? malformed : { ok: true, value: parts };
}

function readPart(element: XmlElement): CompletedPart | undefined {
  const text = (name: string): string | undefined =>
    element.children.find((c) => c.name === name)?.text.trim();
  const number = readPartNumber(text("PartNumber"));
  const etag = text("ETag")?.replace(/^"(.*)"$/, "$1");
  if (number === undefined || etag === undefined) return undefined;
  const digests: Partial<Record<ChecksumName, Uint8Array>> = {};
  for (const checksum of checksums) {
    const value = text(checksum.element);
    if (value === undefined) continue;
    const digest = fromBase64(value);
    if (digest?.length !== checksum.bytes) return undefined;
    digests[checksum.name] = digest;
  }
  return { number, etag, digests };
}

/** 1–10,000, or undefined. */
export function readPartNumber(text: string | undefined): number | undefined {
  const number = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  return number >= 1 && number <= 10_000 ? number : undefined;
}

export const createUploadXml = (bucket: string, key: string, id: string): string =>
  xmlDocument(
    `InitiateMultipartUploadResult ${namespace}`,
    tag("Bucket", bucket),
    tag("Key", key),
    tag("UploadId", id),
  );

export interface Completed {
  readonly location: string;
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly checksum: { readonly element: string; readonly value: string; readonly type: string } | undefined;
}

export const completeXml = (done: Completed): string =>
  xmlDocument(
    `CompleteMultipartUploadResult ${namespace}`,
    tag("Location", done.location),
    tag("Bucket", done.bucket),
    tag("Key", done.key),
    tag("ETag", `"${done.etag}"`),
    done.checksum && tag(done.checksum.element, done.checksum.value),
    done.checksum && tag("ChecksumType", done.checksum.type),
  );

export const copyXml = (
  what: "CopyObjectResult" | "CopyPartResult",
  etag: string,
  at: number,
  checksum: { element: string; value: string } | undefined,
): string =>
  xmlDocument(
    `${what} ${namespace}`,
    tag("LastModified", isoDate(at)),
    tag("ETag", `"${etag}"`),
    checksum && tag(checksum.element, checksum.value),
  );

export interface PartsPage {
  readonly marker: number;
  readonly limit: number;
}

export function readPartsPage(query: Query): Parsed<PartsPage> {
  const read = (name: string, otherwise: number, most: number): number | undefined => {
    const text = query.get(name) ?? "";
    if (text === "") return otherwise;
    return /^\d{1,10}$/.test(text) ? Math.min(Number(text), most) : undefined;
  };
  const marker = read("part-number-marker", 0, 10_000);
  const limit = read("max-parts", 1000, 1000);
  if (marker === undefined || limit === undefined) {
    return refuse(
      "InvalidArgument",
      "Provided part-number-marker or max-parts not an integer or within integer range",
    );
  }
  return { ok: true, value: { marker, limit } };
}

export interface ListedParts {
  readonly bucket: string;
  readonly key: string;
  readonly id: string;
  readonly owner: { readonly id: string; readonly name: string };
  readonly checksum: { readonly wire: string; readonly type: string } | undefined;
  readonly parts: readonly {
    readonly number: number;
    readonly size: number;
    readonly etag: string;
    readonly createdAt: number;
    readonly checksum: { readonly element: string; readonly value: string } | undefined;
  }[];
  readonly next: number | undefined;
}

export function partsXml(ask: PartsPage, listed: ListedParts): string {
  return xmlDocument(
    `ListPartsResult ${namespace}`,
    tag("Bucket", listed.bucket),
    tag("Key", listed.key),
    tag("UploadId", listed.id),
    ownerXml("Initiator", listed.owner),
    ownerXml("Owner", listed.owner),
    tag("StorageClass", "STANDARD"),
    tag("PartNumberMarker", ask.marker),
    tag("NextPartNumberMarker", listed.next ?? listed.parts.at(-1)?.number ?? 0),
    tag("MaxParts", ask.limit),
    tag("IsTruncated", listed.next !== undefined),
    listed.checksum && tag("ChecksumAlgorithm", listed.checksum.wire),
    listed.checksum && tag("ChecksumType", listed.checksum.type),
    listed.parts.map((part) =>
      tag(
        "Part",
        tag("PartNumber", part.number),
        tag("LastModified", isoDate(part.createdAt)),
        tag("ETag", `"${part.etag}"`),
        part.checksum && tag(part.checksum.element, part.checksum.value),
        tag("Size", part.size),
      ),
    ),
  );
}

export interface ListedUploads {
  readonly bucket: string;
  readonly uploads: readonly {
    readonly key: string;
    readonly id: string;
    readonly createdAt: number;
    readonly owner: { readonly id: string; readonly name: string };
    readonly checksum: { readonly wire: string; readonly type: string } | undefined;
  }[];
  readonly prefixes: readonly string[];
  readonly next: { readonly key: string; readonly id: string } | undefined;
}

export function uploadsXml(
  ask: KeyPage & { readonly keyMarker: string; readonly idMarker: string },
  listed: ListedUploads,
): string {
  const e = encoder(ask.url);
  const upload = (row: ListedUploads["uploads"][number]): Xml =>
    tag(
      "Upload",
      tag("Key", e(row.key)),
      tag("UploadId", row.id),
      ownerXml("Initiator", row.owner),
      ownerXml("Owner", row.owner),
      tag("StorageClass", "STANDARD"),
      tag("Initiated", isoDate(row.createdAt)),
      row.checksum && tag("ChecksumAlgorithm", row.checksum.wire),
      row.checksum && tag("ChecksumType", row.checksum.type),
    );
  return xmlDocument(
    `ListMultipartUploadsResult ${namespace}`,
    tag("Bucket", listed.bucket),
    tag("KeyMarker", e(ask.keyMarker)),
    tag("UploadIdMarker", ask.idMarker),
    maybe("NextKeyMarker", listed.next && e(listed.next.key)),
    maybe("NextUploadIdMarker", listed.next?.id),
    tag("Prefix", e(ask.prefix)),
    ask.delimiter === "" ? undefined : tag("Delimiter", e(ask.delimiter)),
    tag("MaxUploads", ask.limit),
    tag("IsTruncated", listed.next !== undefined),
    ask.url ? tag("EncodingType", "url") : undefined,
    listed.uploads.map(upload),
    commonPrefixes(listed.prefixes, e),
  );
}

/** The answer to a form upload that asked for status 201. */
export const postResponseXml = (location: string, bucket: string, key: string, etag: string): string =>
  xmlDocument(
    "PostResponse",
    tag("Location", location),
    tag("Bucket", bucket),
    tag("Key", key),
    tag("ETag", `"${etag}"`),
  );
