import { bucketsXml, locationXml, readBucketsPage, readCreateBucket } from "../../proto/s3/bucket.ts";
import { refuse } from "../../proto/s3/error.ts";
import { isBucketName } from "../../rules/bucket-name.ts";
import type { Bucket } from "../../store/objects.ts";
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
      if (bucket.name.startsWith(prefix) && (await call.mayAlso("bucket.read", bucket, "")))
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
  const body = await readDocument(call as Call, 65_536);
  if (!body.ok) return body;
  const asked = readCreateBucket(body.value, call.setting.region);
  if (!asked.ok) return asked;
  const { id: owner, tenant } = principal.user;
  const done = await call.objects.createBucket(call.actor, { name, tenant, owner });
  if (done.ok) return answer(200, { location: `/${name}` });
  if (done.fault.code === "exists" && done.fault.where === owner) {
    return refuse(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
    );
  }
  return faultAnswer(done.fault, "NoSuchBucket");
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
