import { textOf } from "../../base/bytes.ts";
import { refuse } from "../../proto/s3/error.ts";
import { policyStatusXml } from "../../proto/s3/unset.ts";
import { isPublic, readPolicy } from "../../rules/policy.ts";
import { publicAccessOf } from "./acl-store.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call } from "./call.ts";
import { keep } from "./documents.ts";

const none = (): ReturnType<typeof refuse> =>
  refuse("NoSuchBucketPolicy", "The bucket policy does not exist");

export async function getPolicy(call: Call): Promise<Answer> {
  const text = call.bucket.documents["policy"];
  return text === undefined ? none() : answer(200, { "content-type": "application/json" }, text);
}

export async function putPolicy(call: Call): Promise<Answer> {
  const body = await readDocument(call, 32_768);
  if (!body.ok) return body;
  const text = textOf(body.value);
  if (text === undefined || text === "") return refuse("MalformedPolicy", "Policies must be valid JSON");
  const policy = readPolicy(text, call.bucket.name);
  if (!policy.ok) return refuse("MalformedPolicy", policy.fault.what);
  if (publicAccessOf(call.bucket).blockPublicPolicy && isPublic(policy.value)) {
    return refuse(
      "AccessDenied",
      "Access Denied: public policies are blocked by the bucket's public access block.",
    );
  }
  return await keep(call, "policy", text, 204);
}

export const deletePolicy = (call: Call): Promise<Answer> => keep(call, "policy", null, 204);

export async function getPolicyStatus(call: Call): Promise<Answer> {
  const text = call.bucket.documents["policy"];
  if (text === undefined) return none();
  const policy = readPolicy(text, call.bucket.name);
  return xmlAnswer(policyStatusXml(policy.ok && isPublic(policy.value)));
}
