import { maybe, tag, xmlDocument } from "../../wire/xml-text.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace } from "./listing.ts";

const known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
export type Attribute = (typeof known)[number];

export interface AttributesAsk {
  readonly attributes: ReadonlySet<Attribute>;
  readonly partMarker: number;
  readonly partLimit: number;
}

/** Reads `x-amz-object-attributes` and the page of parts. */
export function readAttributes(headers: ReadonlyMap<string, string>): Parsed<AttributesAsk> {
  const words = (headers.get("x-amz-object-attributes") ?? "").split(",").map((word) => word.trim());
  const named = words.filter((word) => word !== "");
  if (named.length === 0 || !named.every((word) => (known as readonly string[]).includes(word))) {
    return refuse("InvalidArgument", "Invalid attribute name specified.", {
      extra: { ArgumentName: "x-amz-object-attributes" },
    });
  }
  const number = (name: string, otherwise: number): number => {
    const text = headers.get(name) ?? "";
    return /^\d{1,5}$/.test(text) ? Number(text) : otherwise;
  };
  const value = {
    attributes: new Set(named as Attribute[]),
    partMarker: number("x-amz-part-number-marker", 0),
    partLimit: Math.min(1000, number("x-amz-max-parts", 1000)),
  };
  return { ok: true, value };
}

export interface Attributes {
  readonly etag: string;
  readonly size: number;
  readonly checksum: { readonly element: string; readonly value: string; readonly type: string } | undefined;
  /** Empty: not uploaded in parts. */
  readonly partSizes: readonly number[];
}

/** The ETag has no quotes here. */
export function attributesXml(ask: AttributesAsk, is: Attributes): string {
  const wants = (name: Attribute): boolean => ask.attributes.has(name);
  const { checksum } = is;
  return xmlDocument(
    `GetObjectAttributesResponse ${namespace}`,
    wants("ETag") ? tag("ETag", is.etag) : undefined,
    wants("Checksum") && checksum
      ? tag("Checksum", tag(checksum.element, checksum.value), tag("ChecksumType", checksum.type))
      : undefined,
    wants("ObjectParts") && is.partSizes.length > 0 ? partsXml(ask, is.partSizes) : undefined,
    wants("StorageClass") ? tag("StorageClass", "STANDARD") : undefined,
    wants("ObjectSize") ? tag("ObjectSize", is.size) : undefined,
  );
}

function partsXml({ partMarker, partLimit }: AttributesAsk, sizes: readonly number[]) {
  const end = Math.min(partMarker + partLimit, sizes.length);
  const rows = sizes
    .slice(partMarker, end)
    .map((size, i) => tag("Part", tag("PartNumber", partMarker + i + 1), tag("Size", size)));
  return tag(
    "ObjectParts",
    tag("TotalPartsCount", sizes.length),
    tag("PartNumberMarker", partMarker),
    maybe("NextPartNumberMarker", end < sizes.length ? end : undefined),
    tag("MaxParts", partLimit),
    tag("IsTruncated", end < sizes.length),
    rows,
  );
}
