import { shownChecksum } from "../../proto/s3/checksum.ts";
import { httpDate } from "../../proto/s3/dates.ts";
import { lockHeaders } from "../../proto/s3/object-lock.ts";
import { percentEncode } from "../../proto/s3/target.ts";
import { expiryOf } from "../../rules/lifecycle.ts";
import { replicationStatus, type Bucket, type ObjectVersion } from "../../store/objects.ts";
import { aclHeader } from "./acl-store.ts";
import { pendingStatus } from "./replication-rules.ts";
import { lifecycleOf } from "./lifecycle-sweep.ts";

/** What GET and HEAD say of an object. */
export function objectHeaders(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  const headers: Record<string, string> = {
    etag: `"${version.etag}"`,
    "last-modified": httpDate(modifiedOf(version)),
    "accept-ranges": "bytes",
    "content-type": version.contentType ?? "binary/octet-stream",
  };
  for (const name in version.headers) {
    if (name !== aclHeader) headers[name] = version.headers[name]!;
  }
  if (bucket.versioning !== "off") headers["x-amz-version-id"] = version.version;
  const { lock } = version;
  if (lock.mode !== "none" || lock.legalHold) Object.assign(headers, lockHeaders(lock));
  const pending = pendingStatus(bucket, version);
  if (pending) headers[replicationStatus] = pending;
  const expiry = version.latest ? expiryHeader(bucket, version) : undefined;
  if (expiry !== undefined) headers["x-amz-expiration"] = expiry;
  for (const name in version.metadata) headers[`x-amz-meta-${name}`] = version.metadata[name]!;
  const tags = Object.keys(version.tags).length;
  if (tags > 0) headers["x-amz-tagging-count"] = String(tags);
  return headers;
}

/** When the bucket's lifecycle will remove it, and by which rule. */
function expiryHeader(bucket: Bucket, version: ObjectVersion): string | undefined {
  if (bucket.documents["lifecycle"] === undefined) return undefined;
  const subject = { ...version, alone: true, supersededAt: undefined, newerNoncurrent: 0 };
  const due = expiryOf(lifecycleOf(bucket), subject);
  return due && `expiry-date="${httpDate(due.at)}", rule-id="${percentEncode(due.rule)}"`;
}

/** Buckets that never kept versions do not speak of them. */
export function versionHeader(bucket: Bucket, version: { readonly version: string }): Record<string, string> {
  return bucket.versioning === "off" ? {} : { "x-amz-version-id": version.version };
}

/** S3's Last-Modified is the moment of writing, not the file's own time. */
export const modifiedOf = (version: ObjectVersion): number => version.createdAt;

export type ShownType = "COMPOSITE" | "FULL_OBJECT";

/** The checksum of an object as S3 writes it. */
export function checksumOf(
  version: ObjectVersion,
): { element: string; header: string; wire: string; value: string; type: ShownType } | undefined {
  const composite = version.digestsOf === "parts";
  const shown = shownChecksum(version.digests, composite ? version.parts.length : 0);
  if (!shown) return undefined;
  const { checksum, value } = shown;
  const type = composite ? "COMPOSITE" : "FULL_OBJECT";
  const header = `x-amz-checksum-${checksum.name}`;
  return { element: checksum.element, header, wire: checksum.wire, value, type };
}

/** As response headers; what PUT always says, and GET when `x-amz-checksum-mode: ENABLED` asks. */
export function checksumHeaders(version: ObjectVersion): Record<string, string> {
  const shown = checksumOf(version);
  return shown ? { [shown.header]: shown.value, "x-amz-checksum-type": shown.type } : {};
}
