import type { UnixMs } from "../../base/time.ts";
import { readLifecycle } from "../../proto/s3/lifecycle.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import { houseActor } from "../../rules/identity.ts";
import { dayMs, lifecycleVerdict, uploadIsDue, type LifecycleRule } from "../../rules/lifecycle.ts";
import type { Bucket, Objects, ObjectVersion } from "../../store/objects.ts";

/** What a sweep has done. */
export interface Swept {
  expired: number;
  removed: number;
  aborted: number;
  /** What object lock keeps. */
  retained: number;
}

/** The bucket's lifecycle; empty where it has none. */
export function lifecycleOf(bucket: Bucket): readonly LifecycleRule[] {
  const root = parseXmlText(bucket.documents["lifecycle"]);
  const rules = root && readLifecycle(root);
  return rules?.ok ? rules.value : [];
}

/** Does what the bucket's lifecycle says is due: goes through versions, not through what is visible.
 *  `day` is a day's length, for tests. Stops between pages when `signal` aborts. */
export async function sweepBucket(
  objects: Objects,
  bucket: Bucket,
  at: UnixMs,
  signal: AbortSignal,
  day = dayMs,
): Promise<Swept> {
  const swept: Swept = { expired: 0, removed: 0, aborted: 0, retained: 0 };
  const rules = lifecycleOf(bucket);
  if (rules.length === 0) return swept;
  const sweep = new Sweep(objects, bucket, rules, at, day, swept);
  let next: { key: string; version: string } | undefined = { key: "", version: "" };
  while (next && !signal.aborted) {
    const ask = { bucket: bucket.name, prefix: "", delimiter: "", limit: 1000 };
    const page = await objects.listVersions({ ...ask, after: next.key, afterVersion: next.version });
    if (!page.ok) break;
    for (const version of page.value.versions) await sweep.see(version);
    next = page.value.next;
  }
  await sweep.end();
  if (!signal.aborted) await abortUploads(objects, bucket, rules, at, day, swept);
  return swept;
}

/** Sees versions newest first within their key, and holds one back to know whether it stands alone. */
class Sweep {
  #held: ObjectVersion | undefined;
  #newer: ObjectVersion | undefined;
  #noncurrent = 0;
  readonly #objects: Objects;
  readonly #bucket: Bucket;
  readonly #rules: readonly LifecycleRule[];
  readonly #at: UnixMs;
  readonly #day: number;
  readonly #swept: Swept;

  constructor(
    objects: Objects,
    bucket: Bucket,
    rules: readonly LifecycleRule[],
    at: UnixMs,
    day: number,
    swept: Swept,
  ) {
    this.#objects = objects;
    this.#bucket = bucket;
    this.#rules = rules;
    this.#at = at;
    this.#day = day;
    this.#swept = swept;
  }

  async see(version: ObjectVersion): Promise<void> {
    const held = this.#held;
    this.#held = version;
    if (!held) return;
    const same = held.key === version.key;
    await this.#judge(held, !same && held.latest);
    if (!same) this.#noncurrent = 0;
    else if (!held.latest) this.#noncurrent++;
    this.#newer = same ? held : undefined;
  }

  async end(): Promise<void> {
    if (this.#held) await this.#judge(this.#held, this.#held.latest);
    this.#held = undefined;
  }

  async #judge(version: ObjectVersion, alone: boolean): Promise<void> {
    const { key, size, tags, createdAt, latest, deleteMarker } = version;
    const supersededAt = latest ? undefined : this.#newer?.createdAt;
    const subject = { key, size, tags, createdAt, latest, deleteMarker, alone, supersededAt };
    const verdict = lifecycleVerdict(
      this.#rules,
      { ...subject, newerNoncurrent: this.#noncurrent },
      this.#at,
      this.#day,
    );
    if (verdict === "keep") return;
    const name = { bucket: this.#bucket.name, key };
    // Only while it is still what was judged.
    const when = latest ? { base: deleteMarker ? "" : version.version } : undefined;
    const which = verdict === "expire" ? undefined : version.version;
    const done = await this.#objects.remove(houseActor, name, which, when);
    if (done.ok) this.#swept[verdict === "expire" ? "expired" : "removed"]++;
    else if (done.fault.code === "retained") this.#swept.retained++;
  }
}

async function abortUploads(
  objects: Objects,
  bucket: Bucket,
  rules: readonly LifecycleRule[],
  at: UnixMs,
  day: number,
  swept: Swept,
): Promise<void> {
  let next: { key: string; id: string } | undefined = { key: "", id: "" };
  while (next) {
    const ask = { bucket: bucket.name, prefix: "", delimiter: "", limit: 1000 };
    const page = await objects.uploads({ ...ask, after: next.key, afterId: next.id });
    if (!page.ok) return;
    for (const { key, id, createdAt } of page.value.uploads) {
      if (!uploadIsDue(rules, key, createdAt, at, day)) continue;
      const done = await objects.abortUpload(houseActor, { bucket: bucket.name, key }, id);
      if (done.ok) swept.aborted++;
    }
    next = page.value.next;
  }
}
