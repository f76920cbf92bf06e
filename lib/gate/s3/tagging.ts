import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readTagging, taggingXml } from "../../proto/s3/tagging.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import type { ObjectVersion } from "../../store/objects.ts";
import { readDocument } from "./body.ts";
import { answer, nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { versionHeader } from "./object-headers.ts";

export async function getTagging(call: Call): Promise<Answer> {
  const found = await tagged(call);
  return found.ok ? xmlAnswer(taggingXml(found.value.tags), versionHeader(call.bucket, found.value)) : found;
}

export async function putTagging(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const tags = readTagging(root.value, 10);
  return tags.ok ? await describe(call, tags.value, 200) : tags;
}

export const deleteTagging = (call: Call): Promise<Answer> => describe(call, {}, 204);

async function describe(
  call: Call,
  tags: Readonly<Record<string, string>>,
  status: 200 | 204,
): Promise<Answer> {
  const found = await tagged(call);
  if (!found.ok) return found;
  const done = await call.objects.describe(call.actor, nameOf(call), found.value.version, { tags });
  if (!done.ok) return faultAnswer(done.fault, "NoSuchKey");
  return answer(status, versionHeader(call.bucket, done.value));
}

/** The version whose tags are asked about: never a delete marker. */
async function tagged(call: Call): Promise<Parsed<ObjectVersion>> {
  const version = call.query.get("versionId");
  if (version === "") return refuse("InvalidArgument", "Version id cannot be the empty string");
  const found = await call.objects.head(nameOf(call), version);
  if (!found.ok) return faultAnswer(found.fault, version === undefined ? "NoSuchKey" : "NoSuchVersion");
  if (!found.value.deleteMarker) return { ok: true, value: found.value };
  return version === undefined
    ? refuse("NoSuchKey", "The specified key does not exist.")
    : refuse("MethodNotAllowed", "The specified method is not allowed against this resource.");
}
