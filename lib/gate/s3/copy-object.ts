import { judge, readConditions, readWriteConditions } from "../../proto/s3/conditions.ts";
import { checksumOfWire } from "../../proto/s3/checksum.ts";
import type { CustomerKey } from "../../proto/s3/encryption.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readCopySource, readDirective, type CopySource } from "../../proto/s3/facts.ts";
import { copyXml } from "../../proto/s3/multipart.ts";
import type { DigestName } from "../../store/content.ts";
import type { Bucket, ObjectFacts, ObjectVersion } from "../../store/objects.ts";
import { permissions } from "./authority.ts";
import { nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { planCustomerKey, planEncryption, readRefusal, sealHeaders } from "./encryption.ts";
import { faultAnswer } from "./faults.ts";
import { putBytes } from "./needs.ts";
import { checksumOf, modifiedOf, versionHeader } from "./object-headers.ts";
import { aclHeader } from "./acl-store.ts";
import { planLock } from "./object-lock.ts";
import { planFacts } from "./put-object.ts";

export async function copyObject(call: Call): Promise<Answer> {
  const source = await openSource(call);
  if (!source.ok) return source;
  const facts = await planCopy(call, source.value);
  if (!facts.ok) return facts;
  const lock = await planLock(call);
  if (!lock.ok) return lock;
  const seal = planEncryption(call);
  if (!seal.ok) return seal;
  const when = readWriteConditions(call.headers);
  if (!when.ok) return when;
  const digests = planDigests(call, source.value.version);
  if (!digests.ok) return digests;
  const { from, version } = source.value;
  const done = await call.objects.copy(call.actor, {
    from: { bucket: from.bucket, key: from.key, version: version.version },
    to: nameOf(call),
    facts: facts.value,
    when: when.value,
    digests: digests.value,
    ...lock.value,
    encryption: seal.value.encryption,
    sourceKey: source.value.customer?.key,
  });
  if (!done.ok) return faultAnswer(done.fault, "NoSuchKey");
  const made = done.value;
  return xmlAnswer(copyXml("CopyObjectResult", made.etag, modifiedOf(made), checksumOf(made)), {
    ...versionHeader(call.bucket, made),
    ...sourceVersionHeader(source.value),
    ...sealHeaders(call, made.encryption, seal.value.customer),
  });
}

/** What is copied from, found and allowed to be read. */
export interface OpenedSource {
  readonly from: CopySource;
  readonly bucket: Bucket;
  readonly version: ObjectVersion;
  /** The key that came along for it. */
  readonly customer: CustomerKey | undefined;
}

/** Finds `x-amz-copy-source`, asks whether the caller may read it, and judges the four source conditions. */
export async function openSource(call: Call): Promise<Parsed<OpenedSource>> {
  const from = readCopySource(call.headers.get("x-amz-copy-source") ?? "");
  if (!from.ok) return from;
  const { key, version: asked } = from.value;
  const bucket = await call.objects.bucket(from.value.bucket);
  if (!bucket.ok) return faultAnswer(bucket.fault, "NoSuchBucket");
  const permission = asked === undefined ? permissions.readObject : permissions.readVersion;
  if (!(await call.mayAlso(permission, bucket.value, key))) return refuse("AccessDenied", "Access Denied");
  const found = await call.objects.head({ bucket: from.value.bucket, key }, asked);
  if (!found.ok) {
    const hidden = !(await call.mayAlso(permissions.listBucket, bucket.value, key));
    if (hidden && found.fault.code === "not-found") return refuse("AccessDenied", "Access Denied");
    return faultAnswer(found.fault, asked === undefined ? "NoSuchKey" : "NoSuchVersion");
  }
  if (found.value.deleteMarker) {
    return asked === undefined
      ? refuse("NoSuchKey", "The specified key does not exist.")
      : refuse(
          "InvalidRequest",
          "The source of a copy request may not specifically refer to a delete marker by version id.",
        );
  }
  const customer = planCustomerKey(call, "x-amz-copy-source-");
  if (!customer.ok) return customer;
  const refusal = readRefusal(found.value.encryption, customer.value);
  if (refusal) return refusal;
  const when = readConditions(call.headers, "x-amz-copy-source-");
  if (judge(when, found.value.etag, modifiedOf(found.value)) !== "go") {
    return refuse("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  }
  const opened = { from: from.value, bucket: bucket.value, version: found.value };
  return { ok: true, value: { ...opened, customer: customer.value } };
}

export const sourceVersionHeader = (source: OpenedSource): Record<string, string> =>
  source.bucket.versioning === "off" ? {} : { "x-amz-copy-source-version-id": source.version.version };

/** The copy's facts; undefined keeps the source's. */
async function planCopy(call: Call, source: OpenedSource): Promise<Parsed<ObjectFacts | undefined>> {
  const directive = readDirective(call.headers, "x-amz-metadata-directive");
  if (!directive.ok) return directive;
  const tagging = readDirective(call.headers, "x-amz-tagging-directive");
  if (!tagging.ok) return tagging;
  if (source.version.size > putBytes) {
    return refuse(
      "InvalidRequest",
      "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
    );
  }
  const { bucket, key } = source.from;
  const same = bucket === call.operation.bucket && key === call.operation.key;
  const unchanged = directive.value === "COPY" && tagging.value === "COPY";
  const other = ["x-amz-storage-class", "x-amz-server-side-encryption"].some((name) =>
    call.headers.has(name),
  );
  const sealed = source.customer || call.headers.has("x-amz-server-side-encryption-customer-algorithm");
  if (same && unchanged && source.from.version === undefined && !other && !sealed) {
    return refuse(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing " +
        "the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const sent = await planFacts(call);
  if (!sent.ok) return sent;
  const { contentType, metadata, tags } = source.version;
  // An ACL is not copied: the copy has the one that was asked for.
  const { [aclHeader]: _, ...plain } = source.version.headers;
  const acl = sent.value.headers[aclHeader];
  if (unchanged && acl === undefined && !_) return { ok: true, value: undefined };
  const headers = acl === undefined ? plain : { ...plain, [aclHeader]: acl };
  const kept = { contentType, headers, metadata, tags, modifiedAt: source.version.modifiedAt };
  return {
    ok: true,
    value: {
      ...(directive.value === "REPLACE" ? sent.value : kept),
      tags: tagging.value === "REPLACE" ? sent.value.tags : tags,
    },
  };
}

/** The checksum asked for, else the source's own kind. */
function planDigests(call: Call, source: ObjectVersion): Parsed<readonly DigestName[]> {
  const asked = call.headers.get("x-amz-checksum-algorithm");
  if (asked === undefined) {
    const own = checksumOf(source);
    return { ok: true, value: [checksumOfWire(own?.wire ?? "CRC64NVME")!.name] };
  }
  const checksum = checksumOfWire(asked);
  if (!checksum) return refuse("InvalidRequest", "Checksum algorithm provided is unsupported.");
  return { ok: true, value: [checksum.name] };
}
