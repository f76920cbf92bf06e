import { bucketsXml, locationXml, readBucketsPage, readCreateBucket } from "../../proto/s3/bucket.ts";
import { refuse } from "../../proto/s3/error.ts";
import { isOwnership, ownershipXml, type Ownership } from "../../proto/s3/public-access.ts";
import { isBucketName } from "../../rules/bucket-name.ts";
import { lockDocument } from "../../rules/retention.ts";
import type { Bucket } from "../../store/objects.ts";
import { permissions } from "./authority.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";

/** Only what the caller may see, in byte order of the names. */
export async function listBuckets(call: Omit<Call, "bucket">): Promise<Answer> {
  const ask = readBucketsPage(call.query);
  if (!ask.ok) return ask;
  const { principal } = call.actor;
  if (principal.kind !== "user") return refuse("AccessDenied", "Access Denied");
  const { prefix, limit = Number.POSITIVE_INFINITY } = ask.value;
  const seen: Bucket[] = [];
  let after: string | undefined = ask.value.after;
  while (after !== undefined && seen.length <= limit) {
    const page = await call.objects.buckets(principal.user.tenant, after, 1000);
    for (const bucket of page.rows) {
      if (bucket.name.startsWith(prefix) && (await call.mayAlso(permissions.seeBucket, bucket, "")))
        seen.push(bucket);
    }
    after = page.next;
  }
  const buckets = seen.slice(0, limit);
  const owner = { id: principal.user.id, name: principal.user.name };
  const next = seen.length > limit ? buckets.at(-1)?.name : undefined;
  return xmlAnswer(bucketsXml(ask.value, { buckets, owner, next, region: call.setting.region }));
}

export async function createBucket(call: Omit<Call, "bucket">): Promise<Answer> {
  const name = call.operation.bucket;
  const { principal } = call.actor;
  if (principal.kind !== "user") return refuse("AccessDenied", "Access Denied");
  if (!isBucketName(name)) return refuse("InvalidBucketName", "The specified bucket is not valid.");
  const ownership = call.headers.get("x-amz-object-ownership");
  if (ownership !== undefined && !isOwnership(ownership)) {
    return refuse("InvalidArgument", "Invalid x-amz-object-ownership header");
  }
  const body = await readDocument(call as Call, 65_536);
  if (!body.ok) return body;
  const asked = readCreateBucket(body.value, call.setting.region);
  if (!asked.ok) return asked;
  const { id: owner, tenant } = principal.user;
  const locked = call.headers.get("x-amz-bucket-object-lock-enabled")?.toLowerCase() === "true";
  const ask = { name, tenant, owner, ...(locked ? { versioning: "enabled" as const } : {}) };
  const done = await call.objects.createBucket(call.actor, ask);
  if (done.ok) return await furnish(call, name, locked);
  if (done.fault.code === "exists" && done.fault.where === owner) {
    return refuse(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
    );
  }
  return faultAnswer(done.fault, "NoSuchBucket");
}

/** Object lock and ownership, where the request asks for them. */
async function furnish(call: Omit<Call, "bucket">, name: string, locked: boolean): Promise<Answer> {
  const ownership = call.headers.get("x-amz-object-ownership");
  const documents = {
    ...(locked ? { [lockDocument]: "{}" } : {}),
    ...(ownership === undefined ? {} : { ownershipControls: ownershipXml(ownership as Ownership) }),
  };
  if (Object.keys(documents).length === 0) return answer(200, { location: `/${name}` });
  const done = await call.objects.changeBucket(call.actor, name, { documents });
  return done.ok ? answer(200, { location: `/${name}` }) : faultAnswer(done.fault, "NoSuchBucket");
}

export async function headBucket(call: Call): Promise<Answer> {
  return answer(200, { "x-amz-bucket-region": call.setting.region, "x-amz-access-point-alias": "false" });
}

export async function deleteBucket(call: Call): Promise<Answer> {
  const done = await call.objects.deleteBucket(call.actor, call.bucket.name);
  return done.ok ? answer(204) : faultAnswer(done.fault, "NoSuchBucket");
}

export async function getBucketLocation(call: Call): Promise<Answer> {
  return xmlAnswer(locationXml(call.setting.region));
}
