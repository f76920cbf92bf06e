import { fail, ok, type Result } from "../../../lib/base/result.ts";
import { readLockConfiguration } from "../../../lib/proto/s3/object-lock.ts";
import type { ListedVersion } from "../../../lib/proto/s3/versioning.ts";
import { parseXml } from "../../../lib/proto/s3/xml-walk.ts";
import type { Actor } from "../../../lib/rules/identity.ts";
import { lockDocument } from "../../../lib/rules/retention.ts";
import type { Objects } from "../../../lib/store/objects.ts";
import { copyVersion, type ImportTarget } from "./copy-version.ts";
import { askSource, keysOf, type ImportSource } from "./source.ts";

export interface ImportAsk {
  readonly source: ImportSource;
  readonly prefix: string;
  /** Keys that are copied at the same time. */
  readonly parallel: number;
  readonly objects: Objects;
  readonly by: Actor;
  readonly tenant: string;
  readonly to: string;
  /** Whose the bucket is, where it is not there yet: a user's id. */
  readonly owner: string;
}

/** How far an import has come. */
export interface ImportCount {
  versions: number;
  bytes: number;
  /** Were there already: an import that is begun again goes on where it was. */
  there: number;
  failed: number;
  /** The first of what failed, and why. */
  readonly failures: { key: string; version: string; why: string }[];
}

const failuresShown = 100;

/** Copies a bucket of another server: every version, oldest first. What fails is counted and does not keep
 *  the rest from coming. Faults: those of the other server's listing, and of making the bucket. */
export async function importBucket(ask: ImportAsk, count: ImportCount): Promise<Result<void>> {
  const facts = await sourceFacts(ask.source);
  if (!facts.ok) return facts;
  const target = await prepare(ask, facts.value);
  if (!target.ok) return target;
  const keys = keysOf(ask.source, ask.prefix);
  const work = async (): Promise<void> => {
    for (let step = await keys.next(); !step.done; step = await keys.next()) {
      if (ask.source.signal.aborted) return;
      await copyKey(ask.source, target.value, step.value, count);
    }
  };
  try {
    await Promise.all(Array.from({ length: ask.parallel }, work));
  } catch (error) {
    return fail("unavailable", error instanceof Error ? error.message : String(error));
  }
  if (ask.source.signal.aborted) return fail("cancelled", "the import was stopped; ask again to go on");
  return settle(ask, facts.value);
}

/** One key's versions in their order; the rest of a key's waits for each, since the last is to be current. */
async function copyKey(
  source: ImportSource,
  target: ImportTarget,
  versions: readonly ListedVersion[],
  count: ImportCount,
): Promise<void> {
  const wanted = target.versioned ? versions : versions.slice(-1);
  for (const listed of wanted) {
    if (source.signal.aborted) return;
    const copied = await copyVersion(source, target, listed);
    if (copied.ok && copied.value === "there") count.there++;
    else if (copied.ok) {
      count.versions++;
      count.bytes += copied.value === "there" ? 0 : copied.value.bytes;
    } else if (!source.signal.aborted) {
      count.failed++;
      const { key, version } = listed;
      if (count.failures.length < failuresShown)
        count.failures.push({ key, version, why: copied.fault.what });
    }
  }
}

interface SourceFacts {
  readonly versioning: "off" | "enabled" | "suspended";
  /** The default retention as JSON; undefined: no object lock. */
  readonly lock: string | undefined;
}

async function sourceFacts(source: ImportSource): Promise<Result<SourceFacts>> {
  const versioning = await askSource(source, "", { versioning: "" });
  if (!versioning.ok) return versioning;
  const { status, text, code } = versioning.value;
  if (status !== 200) {
    const what = `the other server answered ${status} ${code}`.trim();
    return fail(status === 404 ? "not-found" : "denied", what, { where: source.bucket });
  }
  const word = /<Status>\s*(\w+)\s*<\/Status>/.exec(text)?.[1];
  const locked = await askSource(source, "", { "object-lock": "" });
  if (!locked.ok) return locked;
  const root =
    locked.value.status === 200 ? parseXml(new TextEncoder().encode(locked.value.text)) : undefined;
  const rule = root?.ok ? readLockConfiguration(root.value) : undefined;
  return ok({
    versioning: word === "Enabled" ? "enabled" : word === "Suspended" ? "suspended" : "off",
    lock: rule?.ok ? JSON.stringify(rule.value ?? {}) : undefined,
  });
}

/** Makes the bucket where it is missing. Its default retention comes last: it would be given to versions that
 *  had none. */
async function prepare(ask: ImportAsk, facts: SourceFacts): Promise<Result<ImportTarget>> {
  const { objects, by, to: name, tenant, owner } = ask;
  const there = await objects.bucket(name);
  if (!there.ok && there.fault.code !== "not-found") return there;
  if (!there.ok) {
    const versioning = facts.versioning === "off" ? "off" : "enabled";
    const made = await objects.createBucket(by, { name, tenant, owner, versioning });
    if (!made.ok) return made;
    const lock = { documents: { [lockDocument]: "{}" } };
    const locked = facts.lock === undefined ? made : await objects.changeBucket(by, name, lock);
    if (!locked.ok) return locked;
  }
  const bucket = await objects.bucket(name);
  if (!bucket.ok) return bucket;
  const { versioning, documents, tenant: its } = bucket.value;
  if (its !== tenant) return fail("denied", "the bucket is another tenant's", { where: name });
  const versioned = versioning === "enabled";
  if (facts.versioning === "enabled" && !versioned) {
    return fail("conflict", "the other bucket keeps versions, this one does not", {
      where: name,
      mend: "enable versioning, or import into a new bucket",
    });
  }
  const locks = documents[lockDocument] !== undefined;
  if (facts.lock !== undefined && !locks) {
    return fail("conflict", "the other bucket has object lock, this one has not", {
      where: name,
      mend: "import into a new bucket",
    });
  }
  return ok({ objects, by, bucket: name, versioned, locks });
}

/** What would have stood in the way. */
async function settle({ objects, by, to }: ImportAsk, facts: SourceFacts): Promise<Result<void>> {
  const bucket = await objects.bucket(to);
  if (!bucket.ok) return bucket;
  const { documents, versioning } = bucket.value;
  if (facts.lock !== undefined && documents[lockDocument] === "{}" && facts.lock !== "{}") {
    const done = await objects.changeBucket(by, to, { documents: { [lockDocument]: facts.lock } });
    if (!done.ok) return done;
  }
  if (facts.versioning !== "suspended" || versioning !== "enabled") return ok();
  const done = await objects.changeBucket(by, to, { versioning: "suspended" });
  return done.ok ? ok() : done;
}
