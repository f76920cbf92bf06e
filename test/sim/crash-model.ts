import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../lib/base/result.ts";
import { asInstant, asUnixMs } from "../../lib/base/time.ts";
import { readSlices } from "../../lib/store/catalog/blob-table.ts";
import type { Store } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { bodyOf, type Kind } from "./crash-words.ts";

/** The real world, for a store. */
export const needs = {
  clock: { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) },
  entropy: (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count)),
  log: silentLog,
};

interface Step {
  readonly id: string;
  readonly kind: Kind;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
}

/** What a key may hold: the last acknowledged step, and one that was under way. */
interface Known {
  readonly bucket: string;
  readonly key: string;
  last: Step | undefined;
  open: Step | undefined;
}

export class Model {
  readonly #seed: string;
  readonly #known = new Map<string, Known>();
  readonly #open = new Map<string, Step>();
  /** Versions of the bucket that keeps them, by id. */
  readonly versions = new Map<string, Step>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  get seed(): string {
    return this.#seed;
  }

  hear(line: string): void {
    const [mark, id, ...rest] = line.split(" ");
    if (mark === ">" && rest.length === 4) {
      const [kind, bucket, key, size] = rest as [Kind, string, string, string];
      const step = { id: id!, kind, bucket, key, size: Number(size) };
      this.#open.set(step.id, step);
      if (kind !== "abort") this.#of(step).open = step;
    } else if (mark === "<" && rest.length === 1) {
      const step = this.#open.get(id!)!;
      this.#open.delete(id!);
      if (step.kind === "abort") return;
      const known = this.#of(step);
      known.last = step;
      known.open = undefined;
      if (step.bucket === "kept" && step.kind !== "delete") this.versions.set(rest[0]!, step);
    }
  }

  #of({ bucket, key }: Step): Known {
    const name = `${bucket} ${key}`;
    const known = this.#known.get(name) ?? { bucket, key, last: undefined, open: undefined };
    this.#known.set(name, known);
    return known;
  }

  keys(prefix: string): Known[] {
    return [...this.#known.values()].filter(({ key }) => key.startsWith(prefix));
  }
}

const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
export const sumOf = (step: Step): string => md5(bodyOf(step.id, step.size));

/** MD5 of what the key or version holds, "absent", or "torn". */
export async function sumAt(
  { objects }: Store,
  bucket: string,
  key: string,
  version?: string,
): Promise<string> {
  const got = await objects.get({ bucket, key }, version);
  if (!got.ok) return got.fault.code === "not-found" ? "absent" : got.fault.code;
  const { content } = got.value;
  const hash = createHash("md5");
  let size = 0;
  for await (const chunk of content.read(0, content.size)) {
    hash.update(chunk);
    size += chunk.length;
  }
  await content.close();
  return size === got.value.version.size ? hash.digest("hex") : "torn";
}

/** Settles what each key of a dead process holds: one of the two it may hold. */
export async function settle(store: Store, model: Model, prefix: string): Promise<void> {
  for (const known of model.keys(prefix)) {
    const { bucket, key, last, open } = known;
    const may = (step: Step | undefined): string =>
      step === undefined || step.kind === "delete" ? "absent" : sumOf(step);
    const found = await sumAt(store, bucket, key);
    const allowed = open ? [may(last), may(open)] : [may(last)];
    if (!allowed.includes(found)) {
      const what = `${bucket}/${key} holds ${found}, not ${allowed.join(" or ")}`;
      throw new Error(`${what}: ${JSON.stringify(known)} (HOLDFAST_SEED=${model.seed})`);
    }
    if (open && found === may(open)) known.last = open;
    known.open = undefined;
  }
}

const all = { prefix: "", delimiter: "", after: "", limit: 1000 };

async function recount({ objects }: Store, bucket: string): Promise<{ bytes: number; objects: number }> {
  const sum = { bytes: 0, objects: 0 };
  for (let [after, afterVersion, more] = ["", "", true]; more;) {
    const page = must(await objects.listVersions({ ...all, bucket, after, afterVersion }));
    for (const version of page.versions) {
      sum.bytes += version.size;
      sum.objects += version.deleteMarker ? 0 : 1;
    }
    more = page.next !== undefined;
    if (page.next) [after, afterVersion] = [page.next.key, page.next.version];
  }
  for (const upload of must(await objects.uploads({ ...all, bucket, afterId: "" })).uploads) {
    const parts = must(await objects.parts(upload, upload.id, 0, 1000));
    for (const part of parts.rows) sum.bytes += part.size;
  }
  return sum;
}

const refsOf = (db: Database): Map<number, number> =>
  new Map(db.query("SELECT id, refs FROM blobs ORDER BY id").values() as [number, number][]);

/** Who refers to each body: versions, parts of unfinished uploads, and joined bodies. */
function recountRefs(db: Database): Map<number, number> {
  const named = ["versions", "parts", "history"].flatMap(
    (table) => db.query(`SELECT blob FROM ${table} WHERE blob IS NOT NULL`).values().flat() as number[],
  );
  const joined = db.query("SELECT parts FROM blobs WHERE parts IS NOT NULL").values().flat() as Uint8Array[];
  const within = joined.flatMap((parts) => readSlices(parts).map(({ blob }) => blob));
  const counts = new Map<number, number>();
  for (const blob of [...named, ...within].sort((a, b) => a - b)) {
    counts.set(blob, (counts.get(blob) ?? 0) + 1);
  }
  return counts;
}

/** With no other process alive: every counter, every reference and every file accounted for. */
export async function account(store: Store, data: string): Promise<void> {
  for (const bucket of ["plain", "kept"]) {
    expect(must(await store.objects.usage(bucket))).toEqual(await recount(store, bucket));
  }
  const db = new Database(join(data, "catalog.db"), { readonly: true });
  // Deleting files is told to the catalog a little later.
  const garbage = db.query<{ count: number }, []>("SELECT count(*) AS count FROM garbage");
  for (let waits = 0; waits < 500 && garbage.get()!.count > 0; waits++) await Bun.sleep(2);
  expect(garbage.get()!.count).toBe(0);
  const files = db.query("SELECT file FROM blobs WHERE file IS NOT NULL").values().flat() as string[];
  expect(refsOf(db)).toEqual(recountRefs(db));
  for (const table of ["body_marks", "blob_keys"]) {
    const orphans = db.query(`SELECT blob FROM ${table} WHERE blob NOT IN (SELECT id FROM blobs)`).values();
    expect([table, orphans]).toEqual([table, []]);
  }
  db.close();
  const onDisk = readdirSync(join(data, "blobs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  expect(onDisk.toSorted()).toEqual(files.toSorted());
  const drafts = readdirSync(join(data, "staging"), { recursive: true, withFileTypes: true });
  expect(drafts.filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"))).toEqual([]);
}
