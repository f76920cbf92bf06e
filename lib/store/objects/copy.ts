import { fail, ok, type Result } from "../../base/result.ts";
import type { Actor } from "../../rules/identity.ts";
import { unlocked } from "../../rules/retention.ts";
import { findBucket, type BucketRow } from "../catalog/bucket-table.ts";
import { readSaid, writeSaid } from "../catalog/facts-text.ts";
import { toVersion, type VersionRow } from "../catalog/version-table.ts";
import type { Content, DigestName, Digests } from "../content.ts";
import { digester } from "../digests.ts";
import { replicationStatus, type CopyAsk, type ObjectFacts, type ObjectVersion } from "../objects.ts";
import { pick, place } from "./place.ts";
import { openContent } from "./read.ts";
import { checkKey, noObject, type Room } from "./room.ts";
import { checkTarget, factsOf } from "./write.ts";

/** Shares the source's body. Digests that it lacks are made by reading it, before the transaction. */
export async function copyObject(room: Room, by: Actor, ask: CopyAsk): Promise<Result<ObjectVersion>> {
  const target = checkTarget(room, ask.to);
  if (!target.ok) return target;
  const source = findSource(room.r, ask);
  if (!source.ok) return source;
  const more = await missingDigests(room, source.value.row, ask.digests);
  if (!more.ok) return more;
  const tell = { by, at: room.clock.wall() };
  return room.writer.write((commit) => {
    const again = findSource(room.w, ask);
    if (!again.ok) return again;
    const { row } = again.value;
    if (row.blob !== source.value.row.blob) {
      return fail("conflict", "the source has changed while it was copied");
    }
    const bucket = findBucket(room.w.buckets, ask.to.bucket);
    if (!bucket.ok) return bucket;
    const said = readSaid(row.facts);
    const facts = writeSaid({
      ...said,
      ...(ask.facts ? factsOf(ask.facts) : { headers: copiedHeaders(said.headers) }),
      digests: { ...said.digests, ...more.value },
    });
    const { size, etag, blob } = row;
    const draft = {
      key: ask.to.key,
      size,
      etag,
      facts,
      lock: ask.lock ?? unlocked,
      how: "copy" as const,
      blob: () => {
        if (blob !== null) room.w.blobs.share(blob);
        return blob;
      },
    };
    // Shared before the replaced version lets go: a copy onto itself keeps its body.
    const shared = draft.blob();
    const placed = place(room, commit, tell, bucket.value, { ...draft, blob: () => shared }, ask.when);
    return placed.ok ? ok(toVersion(placed.value, ask.to.bucket, true)) : placed;
  });
}

/** How the source stands with its replication is not the copy's. */
function copiedHeaders(headers: ObjectFacts["headers"]): ObjectFacts["headers"] {
  if (headers[replicationStatus] === undefined) return headers;
  const { [replicationStatus]: _, ...rest } = headers;
  return rest;
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
