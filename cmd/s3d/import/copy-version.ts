import { fromBase64, fromHex } from "../../../lib/base/bytes.ts";
import { fail, ok, type Result } from "../../../lib/base/result.ts";
import { asUnixMs } from "../../../lib/base/time.ts";
import type { ListedVersion } from "../../../lib/proto/s3/versioning.ts";
import { childOf, childrenOf, parseXml, textIn } from "../../../lib/proto/s3/xml-walk.ts";
import type { Actor } from "../../../lib/rules/identity.ts";
import type { Lock } from "../../../lib/rules/retention.ts";
import type { DigestName, Digests } from "../../../lib/store/content.ts";
import type { NewObject, ObjectFacts, Objects } from "../../../lib/store/objects.ts";
import { hasDotSegment } from "../replicate/remote-client.ts";
import { askSource, openSource, type ImportSource, type Opened } from "./source.ts";

/** Where versions go. */
export interface ImportTarget {
  readonly objects: Objects;
  readonly by: Actor;
  readonly bucket: string;
  /** Whether the target keeps versions, and locks. */
  readonly versioned: boolean;
  readonly locks: boolean;
}

/** What became of a version: copied with so many bytes, or there already. */
export type Copied = { readonly bytes: number } | "there";

/** Makes the target have this version: bytes, metadata, tags, lock, and its id where versions are kept.
 *  The bytes are held against the other server's MD5 and checksums; a body of parts is made of the same
 *  parts, and must come to the same ETag. Repeating it does nothing. */
export async function copyVersion(
  from: ImportSource,
  to: ImportTarget,
  listed: ListedVersion,
): Promise<Result<Copied>> {
  const { key } = listed;
  if (hasDotSegment(key)) return fail("bad-name", "a key with . or .. as a segment cannot be asked for");
  if (await isThere(to, listed)) return ok("there");
  const replica = listed.version === "null" ? "" : listed.version;
  const when = to.versioned ? { replica } : {};
  if (listed.deleteMarker) {
    if (!to.versioned) return ok("there");
    const gone = await to.objects.remove(to.by, { bucket: to.bucket, key }, undefined, when);
    return gone.ok ? ok({ bytes: 0 }) : gone;
  }
  const which = listed.version === "null" ? {} : { versionId: listed.version };
  const copy = { from, to, listed, when, which };
  return /-\d+$/.test(listed.etag) ? copyParts(copy) : copyWhole(copy, await openSource(from, key, which));
}

interface Copy {
  readonly from: ImportSource;
  readonly to: ImportTarget;
  readonly listed: ListedVersion;
  readonly when: { readonly replica?: string };
  readonly which: Readonly<Record<string, string>>;
}

/** By its id; one without an id by its ETag and size. */
async function isThere(
  { objects, bucket, versioned }: ImportTarget,
  listed: ListedVersion,
): Promise<boolean> {
  const { key, version, etag, size } = listed;
  if (versioned && version !== "null") return (await objects.head({ bucket, key }, version)).ok;
  const ask = { bucket, prefix: key, delimiter: "", after: "", afterVersion: "", limit: 1000 };
  const found = await objects.listVersions(ask);
  if (!found.ok) return false;
  const same = found.value.versions.filter((one) => one.key === key);
  if (listed.deleteMarker) return same.some((one) => one.deleteMarker);
  return same.some((one) => !one.deleteMarker && one.etag === etag && one.size === size);
}

async function copyWhole(copy: Copy, opened: Result<Opened>): Promise<Result<Copied>> {
  if (!opened.ok) return opened;
  const { to, listed, when } = copy;
  const { headers, chunks } = opened.value;
  const said = await saidOf(copy, headers);
  if (!said.ok) return said;
  const sums = sumsIn(headers);
  const expected: Digests = { ...sums, ...md5In(listed, headers) };
  const digests =
    Object.keys(sums).length > 0 ? (Object.keys(sums) as DigestName[]) : (["crc64nvme"] as const);
  const put: NewObject = { ...said.value, digests, expect: () => expected, when };
  const name = { bucket: to.bucket, key: listed.key };
  const done = await to.objects.put(to.by, name, { size: listed.size, chunks }, put);
  return done.ok ? ok({ bytes: listed.size }) : done;
}

/** In the same parts, so that the ETag is the same, which proves the bytes. A server that does not give parts
 *  has its object copied whole, held against its size and checksums alone. */
async function copyParts(copy: Copy): Promise<Result<Copied>> {
  const { from, to, listed, which, when } = copy;
  const { key } = listed;
  const first = await openSource(from, key, { ...which, partNumber: "1" });
  if (!first.ok) return first;
  const count = Number(first.value.headers.get("x-amz-mp-parts-count") ?? "0");
  if (first.value.status !== 206 || !(count >= 1)) {
    await letGo(first.value);
    return copyWhole(copy, await openSource(from, key, which));
  }
  const said = await saidOf(copy, first.value.headers);
  if (!said.ok) return said;
  const name = { bucket: to.bucket, key };
  const asked = { ...said.value, digests: ["crc64nvme"] as const, digestsOf: "object" as const };
  const upload = await to.objects.createUpload(to.by, name, asked);
  if (!upload.ok) return upload;
  const done = await pour(copy, upload.value.id, count, first.value);
  if (!done.ok) {
    await to.objects.abortUpload(to.by, name, upload.value.id);
    return done;
  }
  const how = { parts: done.value, when, minPartBytes: 1 };
  const made = await to.objects.completeUpload(to.by, name, upload.value.id, how);
  if (!made.ok) return made;
  if (made.value.etag === listed.etag && made.value.size === listed.size) return ok({ bytes: listed.size });
  await to.objects.remove(to.by, name, made.value.version, { bypassGovernance: true });
  return fail("digest", "the parts do not come to the other server's ETag");
}

type Listed = { number: number; etag: string; digests: Digests }[];

async function pour({ from, to, listed, which }: Copy, id: string, count: number, first: Opened) {
  const name = { bucket: to.bucket, key: listed.key };
  const parts: Listed = [];
  for (let number = 1; number <= count; number++) {
    const opened =
      number === 1 ? ok(first) : await openSource(from, listed.key, { ...which, partNumber: String(number) });
    if (!opened.ok) return opened;
    const size = Number(opened.value.headers.get("content-length"));
    const body = { size, chunks: opened.value.chunks };
    const part = await to.objects.putPart(to.by, name, id, number, body, { digests: [], expect: () => ({}) });
    if (!part.ok) return part;
    parts.push({ number, etag: part.value.etag, digests: {} });
  }
  return ok(parts);
}

async function letGo({ chunks }: Opened): Promise<void> {
  await chunks[Symbol.asyncIterator]().return?.();
}

const keptHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
  "x-amz-website-redirect-location",
];

/** Everything said of a version. Faults: those of asking for its tags. */
async function saidOf(
  { from, to, listed, which }: Copy,
  headers: Headers,
): Promise<Result<ObjectFacts & { lock?: Lock }>> {
  const tagged = headers.has("x-amz-tagging-count");
  const tags = tagged ? await tagsOf(from, listed.key, which) : ok({});
  if (!tags.ok) return tags;
  const kept = keptHeaders.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const metadata = [...headers].flatMap(([name, value]) =>
    name.startsWith("x-amz-meta-") ? [[name.slice(11), value] as const] : [],
  );
  const facts: ObjectFacts = {
    contentType: headers.get("content-type") ?? undefined,
    headers: Object.fromEntries(kept),
    metadata: Object.fromEntries(metadata),
    tags: tags.value,
    modifiedAt: asUnixMs(listed.modifiedAt),
  };
  return ok(to.locks ? { ...facts, lock: lockIn(headers) } : facts);
}

async function tagsOf(
  from: ImportSource,
  key: string,
  which: Readonly<Record<string, string>>,
): Promise<Result<Readonly<Record<string, string>>>> {
  const answer = await askSource(from, key, { tagging: "", ...which });
  if (!answer.ok) return answer;
  const root =
    answer.value.status === 200 ? parseXml(new TextEncoder().encode(answer.value.text)) : undefined;
  const set = root?.ok ? childOf(root.value, "TagSet") : undefined;
  if (!set)
    return fail("unavailable", `the tags cannot be read: ${answer.value.status} ${answer.value.code}`);
  const rows = childrenOf(set, "Tag").map(
    (tag) => [textIn(tag, "Key") ?? "", textIn(tag, "Value") ?? ""] as const,
  );
  return ok(Object.fromEntries(rows));
}

function lockIn(headers: Headers): Lock {
  const mode = headers.get("x-amz-object-lock-mode")?.toLowerCase();
  const until = Date.parse(headers.get("x-amz-object-lock-retain-until-date") ?? "");
  const legalHold = headers.get("x-amz-object-lock-legal-hold") === "ON";
  if ((mode === "governance" || mode === "compliance") && !Number.isNaN(until)) {
    return { mode, until: asUnixMs(until), legalHold };
  }
  return { mode: "none", until: undefined, legalHold };
}

/** The ETag is an MD5 where the body came whole and no key of a service seals it. */
function md5In({ etag }: ListedVersion, headers: Headers): Digests {
  const sealed = headers.get("x-amz-server-side-encryption");
  const md5 =
    /^[0-9a-f]{32}$/.test(etag) && (sealed === null || sealed === "AES256") ? fromHex(etag) : undefined;
  return md5 ? { md5 } : {};
}

const sumNames: readonly DigestName[] = ["crc64nvme", "crc32c", "crc32", "sha256", "sha1"];

/** The checksum of the whole that the other server has kept. */
function sumsIn(headers: Headers): Digests {
  if (headers.get("x-amz-checksum-type") === "COMPOSITE") return {};
  for (const name of sumNames) {
    const bytes = fromBase64(headers.get(`x-amz-checksum-${name}`) ?? "-");
    if (bytes) return { [name]: bytes };
  }
  return {};
}
