import { readWriteConditions } from "../../proto/s3/conditions.ts";
import type { Parsed } from "../../proto/s3/error.ts";
import { readFacts, readTaggingHeader } from "../../proto/s3/facts.ts";
import type { ObjectFacts } from "../../store/objects.ts";
import { openBody } from "./body.ts";
import { answer, nameOf, type Answer, type Call } from "./call.ts";
import { checksumHeaders, versionHeader } from "./object-headers.ts";

export async function putObject(call: Call): Promise<Answer> {
  const facts = planFacts(call);
  if (!facts.ok) return facts;
  const when = readWriteConditions(call.headers);
  if (!when.ok) return when;
  const body = openBody(call);
  if (!body.ok) return body;
  const { source, chosen, expect } = body.value;
  const put = { ...facts.value, digests: [chosen?.name ?? "crc64nvme"] as const, expect, when: when.value };
  const done = await call.objects.put(call.actor, nameOf(call), source, put);
  if (!done.ok) return body.value.refusal(done.fault, "NoSuchKey");
  return answer(200, {
    etag: `"${done.value.etag}"`,
    ...checksumHeaders(done.value),
    ...versionHeader(call.bucket, done.value),
  });
}

/** What the headers say of a new object. */
export function planFacts(call: Call): Parsed<ObjectFacts> {
  const facts = readFacts(call.headers);
  if (!facts.ok) return facts;
  const tags = readTaggingHeader(call.headers.get("x-amz-tagging"));
  if (!tags.ok) return tags;
  return { ok: true, value: { ...facts.value, tags: tags.value, modifiedAt: undefined } };
}
