import { percentEncodePath } from "../../proto/s3/target.ts";
import type { Inventory, InventoryField } from "../../proto/s3/inventory.ts";
import { replicationStatus, type ObjectVersion } from "../../store/objects.ts";
import { checksumOf } from "./object-headers.ts";

/** The columns of an inventory, in their order. */
export function columnsOf({ allVersions, fields }: Inventory): string[] {
  return ["Bucket", "Key", ...(allVersions ? ["VersionId", "IsLatest", "IsDeleteMarker"] : []), ...fields];
}

/** One object as a line of the inventory: CSV as AWS writes it, every value quoted and the key URL-encoded;
 *  or a JSON object with the key as it is. */
export function rowOf(inventory: Inventory, version: ObjectVersion): string {
  const values = columnsOf(inventory).map((name) => [name, valueOf(name, version)] as const);
  if (inventory.to.format === "JSON") return `${JSON.stringify(Object.fromEntries(values))}\n`;
  const cells = values.map(([name, value]) => (name === "Key" ? percentEncodePath(String(value)) : value));
  return `${cells.map((value) => `"${String(value).replaceAll('"', '""')}"`).join(",")}\n`;
}

function valueOf(name: string, version: ObjectVersion): string | number | boolean {
  switch (name) {
    case "Bucket":
      return version.bucket;
    case "Key":
      return version.key;
    case "VersionId":
      return version.version === "null" ? "" : version.version;
    case "IsLatest":
      return version.latest;
    case "IsDeleteMarker":
      return version.deleteMarker;
    default:
      return version.deleteMarker && name !== "LastModifiedDate"
        ? ""
        : fieldOf[name as InventoryField](version);
  }
}

const fieldOf: Readonly<Record<InventoryField, (of: ObjectVersion) => string | number | boolean>> = {
  Size: ({ size }) => size,
  LastModifiedDate: ({ createdAt }) => new Date(createdAt).toISOString(),
  StorageClass: () => "STANDARD",
  ETag: ({ etag }) => etag,
  IsMultipartUploaded: ({ parts }) => parts.length > 0,
  ReplicationStatus: ({ headers }) => headers[replicationStatus] ?? "",
  EncryptionStatus: ({ headers }) => encryptions[headers["x-amz-server-side-encryption"] ?? ""] ?? "NOT-SSE",
  ObjectLockRetainUntilDate: ({ lock }) =>
    lock.until === undefined ? "" : new Date(lock.until).toISOString(),
  ObjectLockMode: ({ lock }) => (lock.mode === "none" ? "" : lock.mode.toUpperCase()),
  ObjectLockLegalHoldStatus: ({ lock }) => (lock.legalHold ? "ON" : "OFF"),
  ChecksumAlgorithm: (version) => checksumOf(version)?.wire ?? "",
};

const encryptions: Readonly<Record<string, string>> = { AES256: "SSE-S3", "aws:kms": "SSE-KMS" };
