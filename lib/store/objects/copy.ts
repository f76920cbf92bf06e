import { fail, ok, type Result } from "../../base/result.ts";
import type { Actor } from "../../rules/identity.ts";
import { customerRefusal, sealsAlike } from "../../rules/encryption.ts";
import { unlocked } from "../../rules/retention.ts";
import { findBucket, type BucketRow } from "../catalog/bucket-table.ts";
import { readSaid, writeSaid } from "../catalog/facts-text.ts";
import { toVersion, type VersionRow } from "../catalog/version-table.ts";
import type { Content, DigestName, Digests } from "../content.ts";
import { digester } from "../digests.ts";
import { replicationStatus, type CopyAsk, type ObjectFacts, type ObjectVersion } from "../objects.ts";
import { receiveBody, settled } from "./bodies.ts";
import { asItCame, planForm, type Planned } from "./forms.ts";
import { pick, place } from "./place.ts";
import { openContent } from "./read.ts";
import { checkKey, noObject, type Room } from "./room.ts";
import { checkTarget, factsOf } from "./write.ts";

/** Shares the source's body, where it is sealed as the copy is to be. */
export async function copyObject(room: Room, by: Actor, ask: CopyAsk): Promise<Result<ObjectVersion>> {
  const target = checkTarget(room, ask.to);
  if (!target.ok) return target;
  const source = findSource(room.r, ask);
  if (!source.ok) return source;
  const { encryption } = readSaid(source.value.row.facts);
  const refusal = customerRefusal(encryption, ask.sourceKey);
  if (refusal) return { ok: false, fault: refusal };
  const wanted = await resolved(room, ask);
  if (!wanted.ok) return wanted;
  return sealsAlike(encryption, wanted.value)
    ? shareBody(room, by, ask, source.value.row)
    : writeAnew(room, by, ask, source.value.row);
}

/** What the copy is to be sealed under, a key by its id. */
async function resolved(room: Room, { encryption, to }: CopyAsk): Promise<Result<CopyAsk["encryption"]>> {
  const bucket = room.forms.of(to.bucket);
  const wanted = encryption ?? bucket.encryption;
  if (wanted?.kind !== "key") return ok(wanted);
  const known = await room.dataKeys.resolve(wanted, bucket.tenant);
  return known.ok && known.value.kind === "key" ? ok(known.value) : (known as Result<never>);
}

/** Digests that the source lacks are made by reading it, before the transaction. */
async function shareBody(
  room: Room,
  by: Actor,
  ask: CopyAsk,
  source: VersionRow,
): Promise<Result<ObjectVersion>> {
  const more = await missingDigests(room, source, ask.digests);
  if (!more.ok) return more;
  const tell = { by, at: room.clock.wall() };
  return room.writer.write((commit) => {
    const again = findSource(room.w, ask);
    if (!again.ok) return again;
    const { row } = again.value;
    if (row.blob !== source.blob) {
      return fail("conflict", "the source has changed while it was copied");
    }
    const bucket = findBucket(room.w.buckets, ask.to.bucket);
    if (!bucket.ok) return bucket;
    const facts = factsText(ask, row, more.value);
    const { size, etag, blob } = row;
    // Shared before the replaced version lets go: a copy onto itself keeps its body.
    if (blob !== null) room.w.blobs.share(blob);
    const lock = ask.lock ?? unlocked;
    const draft = { key: ask.to.key, size, etag, facts, lock, how: "copy" as const, blob: () => blob };
    const placed = place(room, commit, tell, bucket.value, draft, ask.when);
    return placed.ok ? ok(toVersion(placed.value, ask.to.bucket, true)) : placed;
  });
}

/** What is said of the copy. `seal`: where it is another than the source's. */
function factsText(
  ask: CopyAsk,
  row: VersionRow,
  more: Digests,
  seal?: Pick<Planned, "encryption">,
): string | null {
  const said = readSaid(row.facts);
  const digests = { ...said.digests, ...more };
  const copied = ask.facts ? factsOf(ask.facts) : { headers: copiedHeaders(said.headers) };
  return writeSaid({ ...said, ...copied, digests, ...seal });
}

/** How the source stands with its replication is not the copy's. */
function copiedHeaders(headers: ObjectFacts["headers"]): ObjectFacts["headers"] {
  if (headers[replicationStatus] === undefined) return headers;
  const { [replicationStatus]: _, ...rest } = headers;
  return rest;
}

/** Reads the source and writes the copy in its own form: ETag, checksums and parts stay what they were. */
async function writeAnew(
  room: Room,
  by: Actor,
  ask: CopyAsk,
  row: VersionRow,
): Promise<Result<ObjectVersion>> {
  const { contentType, headers } = ask.facts ?? readSaid(row.facts);
  const planning = planForm(room, { ...ask.to, contentType, headers }, ask.encryption);
  const planned = planning ? await planning : ok(asItCame);
  if (!planned.ok) return planned;
  const content = await openContent(room, row, { customerKey: ask.sourceKey });
  if (!content.ok) return content;
  const body = { size: row.size, chunks: copies(content.value.read(0, row.size)) };
  const received = await receiveBody(room, body, ask.digests, () => ({}), planned.value);
  await content.value.close();
  if (!received.ok) return received;
  const { digests } = received.value.arrived;
  const kept = readSaid(row.facts).digests;
  const missing = ask.digests.filter((name) => kept[name] === undefined);
  const more = Object.fromEntries(missing.map((name) => [name, digests[name]!]));
  const facts = factsText(ask, row, more, { encryption: planned.value.encryption });
  const tell = { by, at: room.clock.wall() };
  return settled(received.value, () =>
    room.writer.write((commit) => {
      const bucket = findBucket(room.w.buckets, ask.to.bucket);
      if (!bucket.ok) return bucket;
      const { size, etag } = row;
      const lock = ask.lock ?? unlocked;
      const made = (): number | null => received.value.refer();
      const draft = { key: ask.to.key, size, etag, facts, lock, how: "copy" as const, blob: made };
      const placed = place(room, commit, tell, bucket.value, draft, ask.when);
      return placed.ok ? ok(toVersion(placed.value, ask.to.bucket, true)) : placed;
    }),
  );
}

/** A source's chunks belong to the store; what is read from content does not. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}

function findSource(tables: Room["r"], { from }: CopyAsk): Result<{ row: VersionRow; bucket: BucketRow }> {
  const key = checkKey(from.key);
  if (!key.ok) return noObject(from.bucket, from.key);
  const bucket = findBucket(tables.buckets, from.bucket);
  if (!bucket.ok) return bucket;
  const found = pick(tables, bucket.value, from.key, from.version);
  if (!found.ok) return found;
  if (found.value.row.marker) return noObject(from.bucket, from.key);
  return ok({ row: found.value.row, bucket: bucket.value });
}

async function missingDigests(
  room: Room,
  row: VersionRow,
  names: readonly DigestName[],
): Promise<Result<Digests>> {
  const said = readSaid(row.facts);
  const missing = names.filter((name) => said.digests[name] === undefined);
  if (missing.length === 0) return ok({});
  const opened = await openContent(room, row);
  if (!opened.ok) return opened;
  return ok(await sumsOf(opened.value, missing));
}

async function sumsOf(content: Content, names: readonly DigestName[]): Promise<Digests> {
  const sums = digester(names);
  try {
    for await (const chunk of content.read(0, content.size)) sums.update(chunk);
    return sums.digest();
  } finally {
    await content.close();
  }
}
