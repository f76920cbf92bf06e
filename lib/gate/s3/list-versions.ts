import { readVersionsPage, versionsXml } from "../../proto/s3/versioning.ts";
import type { ObjectVersion, VersionListing } from "../../store/objects.ts";
import { xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { modifiedOf } from "./object-headers.ts";

const none: VersionListing = { versions: [], prefixes: [], next: undefined };

export async function listVersions(call: Call): Promise<Answer> {
  const ask = readVersionsPage(call.query);
  if (!ask.ok) return ask;
  const { prefix, delimiter, limit, keyMarker: after, versionMarker: afterVersion } = ask.value;
  const { name: bucket, owner } = call.bucket;
  const page =
    limit === 0
      ? { ok: true as const, value: none }
      : await call.objects.listVersions({ bucket, prefix, delimiter, after, afterVersion, limit });
  if (!page.ok) return faultAnswer(page.fault, "NoSuchBucket");
  const { versions, prefixes, next } = page.value;
  const rows = versions.map(row);
  const listed = { bucket, owner: { id: owner, name: owner }, versions: rows, prefixes, next };
  return xmlAnswer(versionsXml(ask.value, listed));
}

const row = (version: ObjectVersion) => ({
  key: version.key,
  version: version.version,
  latest: version.latest,
  deleteMarker: version.deleteMarker,
  size: version.size,
  etag: version.etag,
  modifiedAt: modifiedOf(version),
});
