import { base64 } from "../../../lib/base/bytes.ts";
import type { Clock } from "../../../lib/base/time.ts";
import { replicaVersionHeader } from "../../../lib/gate/s3/replication.ts";
import { percentEncode } from "../../../lib/proto/s3/target.ts";
import type { Destination } from "../../../lib/proto/s3/replication.ts";
import type { Content } from "../../../lib/store/content.ts";
import type { Objects, ObjectVersion } from "../../../lib/store/objects.ts";
import type { Remote } from "../../../lib/store/remotes.ts";
import { refused, sent, unreachable, type Delivery } from "../targets/target.ts";
import { askRemote, hasDotSegment, type RemoteAnswer, type RemoteAsk } from "./remote-client.ts";

export interface RemoteSending {
  readonly objects: Pick<Objects, "get">;
  readonly clock: Clock;
  readonly remote: Remote & { readonly secret: string };
  readonly to: Destination;
}

type Ask = (ask: Omit<RemoteAsk, "bucket">) => Promise<RemoteAnswer>;

/** Makes another server have this version: its bytes, what is said of it, its tags, its lock. A body that
 *  came in parts goes in the same parts, so that it has the same ETag. */
export async function sendObject(how: RemoteSending, version: ObjectVersion): Promise<Delivery> {
  if (hasDotSegment(version.key)) return refused("a key with . or .. as a segment cannot be sent");
  const got = await how.objects.get(version, version.version);
  if (!got.ok) return got.fault.code === "not-found" ? sent : refused(got.fault.what);
  const { content } = got.value;
  try {
    const ask = askOf(how);
    const parts = version.parts.length > 1 && (await sendParts(ask, how, version, content));
    if (parts) return parts;
    const sums = version.digestsOf === "object" ? checksumHeaders(version) : {};
    const headers = { ...replicaHeaders(version, how.clock.wall()), ...sums };
    const chunks = content.read(0, content.size);
    const body = { size: content.size, chunks };
    return judged(await ask({ method: "PUT", key: version.key, headers, body }));
  } finally {
    await content.close();
  }
}

const askOf =
  ({ remote, clock, to }: RemoteSending): Ask =>
  (ask) =>
    askRemote(remote, clock, { ...ask, bucket: to.bucket });

/** Undefined: the other server does not take parts of this size; send it whole. */
async function sendParts(
  ask: Ask,
  { clock }: RemoteSending,
  version: ObjectVersion,
  content: Content,
): Promise<Delivery | undefined> {
  const { key } = version;
  const headers = replicaHeaders(version, clock.wall());
  const begun = await ask({ method: "POST", key, query: { uploads: "" }, headers });
  if (begun.status !== 200) return judged(begun);
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.text)?.[1] ?? "";
  const listed: string[] = [];
  let at = 0;
  for (const [i, size] of version.parts.entries()) {
    const partNumber = String(i + 1);
    const body = { size, chunks: content.read(at, at + size) };
    const put = await ask({ method: "PUT", key, query: { partNumber, uploadId }, body });
    if (put.status !== 200) {
      await ask({ method: "DELETE", key, query: { uploadId } });
      return judged(put);
    }
    const etag = put.headers.get("etag") ?? "";
    listed.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag></Part>`);
    at += size;
  }
  const body = `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
  const marks = replicaMarks(version);
  const done = await ask({ method: "POST", key, query: { uploadId }, headers: marks, body });
  // A completion may fail after its 200 has been sent.
  const code = done.code || (/<Error>.*<Code>(\w+)<\/Code>/s.exec(done.text)?.[1] ?? "");
  if (done.status === 200 && code === "") return sent;
  await ask({ method: "DELETE", key, query: { uploadId } });
  return code === "EntityTooSmall" ? undefined : judged({ ...done, code });
}

/** A delete marker, made there as here. */
export async function sendMarker(how: RemoteSending, version: ObjectVersion): Promise<Delivery> {
  if (hasDotSegment(version.key)) return refused("a key with . or .. as a segment cannot be sent");
  const headers = replicaMarks(version);
  return judged(await askOf(how)({ method: "DELETE", key: version.key, headers }));
}

/** Tags and lock of a version that is there already. A server that gave it another id has them set on its
 *  current version, where ours is the current one too. */
export async function sendFacts(how: RemoteSending, version: ObjectVersion): Promise<Delivery> {
  const ask = askOf(how);
  const { key, tags } = version;
  if (hasDotSegment(key)) return sent;
  const set = async (query: Record<string, string>): Promise<RemoteAnswer> => {
    const pairs = Object.entries(tags);
    if (pairs.length === 0) return await ask({ method: "DELETE", key, query: { tagging: "", ...query } });
    const rows = pairs.map(
      ([name, value]) => `<Tag><Key>${xml(name)}</Key><Value>${xml(value)}</Value></Tag>`,
    );
    const body = `<Tagging><TagSet>${rows.join("")}</TagSet></Tagging>`;
    return await ask({ method: "PUT", key, query: { tagging: "", ...query }, body });
  };
  const mine = { versionId: version.version };
  const first = await set(mine);
  const foreign = first.status === 404 || first.status === 400;
  if (foreign && !version.latest) return sent;
  const query = foreign ? {} : mine;
  const tagged = foreign ? await set(query) : first;
  if (tagged.status >= 300) return judged(tagged);
  return await sendLock(ask, version, query, how.clock.wall());
}

async function sendLock(
  ask: Ask,
  { key, lock }: ObjectVersion,
  query: Record<string, string>,
  now: number,
): Promise<Delivery> {
  if (lock.mode !== "none" && lock.until !== undefined && lock.until > now) {
    const until = new Date(lock.until).toISOString();
    const inside = `<Mode>${lock.mode.toUpperCase()}</Mode><RetainUntilDate>${until}</RetainUntilDate>`;
    const body = `<Retention>${inside}</Retention>`;
    const headers = { "x-amz-bypass-governance-retention": "true" };
    const done = judged(await ask({ method: "PUT", key, query: { retention: "", ...query }, headers, body }));
    if (done.kind !== "sent") return done;
  }
  const body = `<LegalHold><Status>${lock.legalHold ? "ON" : "OFF"}</Status></LegalHold>`;
  const done = await ask({ method: "PUT", key, query: { "legal-hold": "", ...query }, body });
  // A bucket without object lock has no holds to lift.
  return !lock.legalHold && done.status === 400 ? sent : judged(done);
}

const replicaMarks = ({ version }: ObjectVersion): Record<string, string> => ({
  "x-amz-replication-status": "REPLICA",
  [replicaVersionHeader]: version,
});

const sendable = /^(?:cache-control|content-|expires$|x-amz-website-redirect-location$)/;

/** Everything said of a version, as the headers that say it. */
function replicaHeaders(version: ObjectVersion, now: number): Record<string, string> {
  const headers: Record<string, string> = { ...replicaMarks(version) };
  if (version.contentType !== undefined) headers["content-type"] = version.contentType;
  for (const [name, value] of Object.entries(version.headers)) if (sendable.test(name)) headers[name] = value;
  for (const [name, value] of Object.entries(version.metadata)) headers[`x-amz-meta-${name}`] = value;
  const tags = Object.entries(version.tags).map(
    ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`,
  );
  if (tags.length > 0) headers["x-amz-tagging"] = tags.join("&");
  const { mode, until, legalHold } = version.lock;
  if (mode !== "none" && until !== undefined && until > now) {
    headers["x-amz-object-lock-mode"] = mode.toUpperCase();
    headers["x-amz-object-lock-retain-until-date"] = new Date(until).toISOString();
  }
  if (legalHold) headers["x-amz-object-lock-legal-hold"] = "ON";
  return headers;
}

const sendableSums: ReadonlySet<string> = new Set(["crc32", "crc32c", "crc64nvme", "sha1", "sha256"]);

/** The checksum that the other server is to find too. */
function checksumHeaders(version: ObjectVersion): Record<string, string> {
  const [sum] = Object.entries(version.digests).filter(([name]) => sendableSums.has(name));
  return sum ? { [`x-amz-checksum-${sum[0]}`]: base64(sum[1]) } : {};
}

/** What a fault of ours to mend (rights, a missing bucket) or theirs costs is time, not the replica. */
function judged({ status, code }: RemoteAnswer): Delivery {
  if (status < 300) return sent;
  const why = `the other server answered ${status}${code === "" ? "" : ` ${code}`}`;
  const later = status >= 500 || [401, 403, 404, 408, 409, 429].includes(status);
  return later ? unreachable(why) : refused(why);
}

const xml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
