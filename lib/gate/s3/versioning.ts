import { refuse } from "../../proto/s3/error.ts";
import { readVersioning, versioningXml } from "../../proto/s3/versioning.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";

export async function getVersioning(call: Call): Promise<Answer> {
  return xmlAnswer(versioningXml(call.bucket.versioning));
}

export async function putVersioning(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const versioning = readVersioning(root.value);
  if (!versioning.ok) return versioning;
  const change = { versioning: versioning.value };
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, change);
  if (done.ok) return answer(200);
  if (done.fault.code !== "conflict") return faultAnswer(done.fault, "NoSuchBucket");
  return refuse(
    "InvalidBucketState",
    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
  );
}
