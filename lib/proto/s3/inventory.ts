import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { childOf, childrenOf, malformedXml, textIn, wordIn } from "./xml-walk.ts";

/** A list of a bucket's objects that is made at set times. */
export interface Inventory {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly allVersions: boolean;
  readonly weekly: boolean;
  readonly fields: readonly InventoryField[];
  readonly to: { readonly bucket: string; readonly prefix: string; readonly format: "CSV" | "JSON" };
}

/** What may be listed beside bucket, key and version. */
export const inventoryFields = [
  "Size",
  "LastModifiedDate",
  "StorageClass",
  "ETag",
  "IsMultipartUploaded",
  "ReplicationStatus",
  "EncryptionStatus",
  "ObjectLockRetainUntilDate",
  "ObjectLockMode",
  "ObjectLockLegalHoldStatus",
  "ChecksumAlgorithm",
] as const;
export type InventoryField = (typeof inventoryFields)[number];

const isField = (name: string): name is InventoryField =>
  (inventoryFields as readonly string[]).includes(name);

/** Reads `<InventoryConfiguration>`. CSV is AWS's form, JSON (a line an object) ours; ORC and Parquet are
 *  refused, and so is an encrypted destination. */
export function readInventory(root: XmlElement): Parsed<Inventory> {
  const enabled = wordIn(root, "IsEnabled");
  const versions = wordIn(root, "IncludedObjectVersions");
  const frequency = wordIn(childOf(root, "Schedule") ?? root, "Frequency");
  if (enabled !== "true" && enabled !== "false") return malformedXml();
  if (versions !== "All" && versions !== "Current") return malformedXml();
  if (frequency !== "Daily" && frequency !== "Weekly") return malformedXml();
  const filter = childOf(root, "Filter");
  const fields = childrenOf(childOf(root, "OptionalFields") ?? root, "Field").map(({ text }) => text.trim());
  const stranger = fields.find((name) => !isField(name));
  if (stranger !== undefined) {
    return refuse("NotImplemented", `The inventory field ${stranger} is not implemented.`);
  }
  const to = readDestination(childOf(childOf(root, "Destination") ?? root, "S3BucketDestination"));
  if (!to.ok) return to;
  return {
    ok: true,
    value: {
      id: wordIn(root, "Id") ?? "",
      enabled: enabled === "true",
      prefix: (filter && textIn(filter, "Prefix")) ?? "",
      allVersions: versions === "All",
      weekly: frequency === "Weekly",
      fields: inventoryFields.filter((name) => fields.includes(name)),
      to: to.value,
    },
  };
}

function readDestination(element: XmlElement | undefined): Parsed<Inventory["to"]> {
  if (!element) return malformedXml();
  const bucket = /^arn:aws:s3:::([a-z0-9.-]{3,63})$/.exec(wordIn(element, "Bucket") ?? "")?.[1];
  if (bucket === undefined) return refuse("InvalidArgument", "Invalid bucket ARN.");
  if (childOf(element, "Encryption")) {
    return refuse("NotImplemented", "Encryption of inventories is the destination bucket's matter here.");
  }
  const format = wordIn(element, "Format");
  if (format === "ORC" || format === "Parquet") {
    return refuse("NotImplemented", `The format ${format} is not implemented: CSV and JSON are.`);
  }
  if (format !== "CSV" && format !== "JSON") return malformedXml();
  return { ok: true, value: { bucket, prefix: textIn(element, "Prefix") ?? "", format } };
}
