import { maybe, tag, xmlDocument } from "../../wire/xml-text.ts";
import { readXml } from "../../wire/xml.ts";
import { isoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace, ownerXml } from "./listing.ts";
import type { Query } from "./target.ts";

/** Reads `<CreateBucketConfiguration><LocationConstraint>`; an empty body is the region itself. */
export function readCreateBucket(body: Uint8Array, region: string): Parsed<void> {
  if (body.length === 0) return { ok: true, value: undefined };
  const root = readXml(body);
  if (root?.name !== "CreateBucketConfiguration") {
    return refuse(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
  const asked = root.children.find((c) => c.name === "LocationConstraint")?.text.trim() ?? "";
  if (asked === "" || asked === region || (asked === "EU" && region === "eu-west-1")) {
    return { ok: true, value: undefined };
  }
  return refuse("InvalidLocationConstraint", "The specified location-constraint is not valid", {
    extra: { LocationConstraint: asked },
  });
}

/** us-east-1 is written as nothing. */
export function locationXml(region: string): string {
  return xmlDocument(`LocationConstraint ${namespace}`, region === "us-east-1" ? undefined : region);
}

export interface BucketsPage {
  readonly prefix: string;
  /** 1–10,000; undefined: all. */
  readonly limit: number | undefined;
  readonly after: string;
}

export function readBucketsPage(query: Query): Parsed<BucketsPage> {
  const text = query.get("max-buckets");
  if (text !== undefined && (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 10_000)) {
    return refuse("InvalidArgument", "Argument max-buckets must be an integer between 1 and 10000", {
      extra: { ArgumentName: "max-buckets", ArgumentValue: text },
    });
  }
  const token = query.get("continuation-token") ?? "";
  const value = {
    prefix: query.get("prefix") ?? "",
    limit: text === undefined ? undefined : Number(text),
    after: token,
  };
  return { ok: true, value };
}

export interface ListedBuckets {
  readonly buckets: readonly { readonly name: string; readonly createdAt: number }[];
  readonly owner: { readonly id: string; readonly name: string };
  readonly next: string | undefined;
  readonly region: string;
}

export function bucketsXml(ask: BucketsPage, listed: ListedBuckets): string {
  const rows = listed.buckets.map((bucket) =>
    tag(
      "Bucket",
      tag("Name", bucket.name),
      tag("CreationDate", isoDate(bucket.createdAt)),
      tag("BucketRegion", listed.region),
    ),
  );
  return xmlDocument(
    `ListAllMyBucketsResult ${namespace}`,
    ownerXml("Owner", listed.owner),
    tag("Buckets", rows),
    maybe("ContinuationToken", listed.next),
    ask.prefix === "" ? undefined : tag("Prefix", ask.prefix),
  );
}
