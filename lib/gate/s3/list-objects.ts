import {
  listV1Xml,
  listV2Xml,
  readListV1,
  readListV2,
  type ListV1,
  type ListV2,
} from "../../proto/s3/listing.ts";
import type { Listing, ObjectVersion } from "../../store/objects.ts";
import { xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { checksumOf, modifiedOf } from "./object-headers.ts";

export async function listObjects(call: Call): Promise<Answer> {
  const ask = readListV1(call.query);
  return ask.ok ? await list(call, ask.value, ask.value.marker) : ask;
}

export async function listObjectsV2(call: Call): Promise<Answer> {
  const ask = readListV2(call.query, call.bucket.name);
  return ask.ok ? await list(call, ask.value, ask.value.after) : ask;
}

const none: Listing = { objects: [], prefixes: [], next: undefined };

async function list(call: Call, ask: ListV1 | ListV2, after: string): Promise<Answer> {
  const { prefix, delimiter, limit } = ask;
  const { name: bucket, owner } = call.bucket;
  const page =
    limit === 0
      ? { ok: true as const, value: none }
      : await call.objects.list({ bucket, prefix, delimiter, after, limit });
  if (!page.ok) return faultAnswer(page.fault, "NoSuchBucket");
  const listed = {
    bucket,
    objects: page.value.objects.map(row),
    prefixes: page.value.prefixes,
    next: page.value.next,
    owner: { id: owner, name: owner },
  };
  return xmlAnswer(ask.version === 1 ? listV1Xml(ask, listed) : listV2Xml(ask, listed));
}

const row = (version: ObjectVersion) => ({
  key: version.key,
  size: version.size,
  etag: version.etag,
  modifiedAt: modifiedOf(version),
  checksum: checksumOf(version),
});
