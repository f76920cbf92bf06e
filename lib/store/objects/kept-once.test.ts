import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat, utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { must } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import { encryptionDocument } from "../../rules/encryption.ts";
import { houseActor } from "../../rules/identity.ts";
import { compressionDocument, deduplicationDocument } from "../../rules/stored-form.ts";
import { silentLog } from "../../watch/log.ts";
import type { NewObject } from "../objects.ts";
import { openStore, type Store } from "../open.ts";

const by = houseActor;
const place: { data: string; store: Store } = {} as never;
const facts = { contentType: undefined, headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
const rest = { digests: [], expect: () => ({}), when: {} };
const lines = utf8("a line that comes again and again\n".repeat(20_000));
const noise = seededEntropy(5)(500_000);

beforeEach(async () => {
  place.data = await mkdtemp(join(tmpdir(), "holdfast-once-"));
  const needs = { clock: handClock(), entropy: seededEntropy(1), log: silentLog };
  place.store = await openStore(place.data, needs);
});
afterEach(async () => {
  await place.store[Symbol.asyncDispose]();
  await rm(place.data, { recursive: true, force: true });
});

async function bucket(documents: Readonly<Record<string, string>>, name = "house"): Promise<void> {
  must(await place.store.objects.createBucket(by, { name, tenant: "main", owner: "u" }));
  must(await place.store.objects.changeBucket(by, name, { documents }));
}

const sourceOf = (bytes: Uint8Array) => ({
  size: bytes.length,
  chunks: (async function* () {
    for (let at = 0; at < bytes.length; at += 100_000) {
      yield await Promise.resolve(bytes.slice(at, at + 100_000));
    }
  })(),
});

const put = async (key: string, bytes: Uint8Array, more: Partial<NewObject> = {}, name = "house") =>
  must(
    await place.store.objects.put(by, { bucket: name, key }, sourceOf(bytes), { ...facts, ...rest, ...more }),
  );
const drop = async (key: string) => must(await place.store.objects.remove(by, { bucket: "house", key }));

async function read(key: string, start = 0, end = Infinity): Promise<Uint8Array> {
  const { content } = must(await place.store.objects.get({ bucket: "house", key }));
  const parts: Uint8Array[] = [];
  for await (const chunk of content.read(start, Math.min(end, content.size))) parts.push(chunk.slice());
  await content.close();
  return concat(parts);
}

/** Sizes of the blob files. */
async function files(): Promise<number[]> {
  const entries = await readdir(join(place.data, "blobs"), { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  return Promise.all(found.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
}

const rows = (sql: string): unknown[][] => {
  const db = new Database(join(place.data, "catalog.db"), { readonly: true });
  const found = db.query(sql).values();
  db.close();
  return found;
};

test("what shrinks is small on disk, whole and in ranges the same, and both sizes are told", async () => {
  await bucket({ [compressionDocument]: "zstd" });
  const made = await put("log", lines);
  expect(made.size).toBe(lines.length);
  await put("small", lines.subarray(0, 5000));
  await put("tiny", utf8("ab"));
  await put("noise", noise);
  expect(Buffer.compare(await read("log"), lines)).toBe(0);
  for (const [start, end] of [
    [0, 1],
    [131_071, 131_073],
    [400_000, 600_000],
  ] as const) {
    expect(Buffer.compare(await read("log", start, end), lines.subarray(start, end))).toBe(0);
  }
  expect(Buffer.compare(await read("noise"), noise)).toBe(0);
  const [log, kept] = (await files()).toSorted((a, b) => a - b);
  expect(log).toBeLessThan(lines.length / 50);
  expect(kept).toBeLessThan(noise.length + 100);
  const { logicalBytes, storedBytes } = must(await place.store.storedUsage("house"));
  expect(logicalBytes).toBe(lines.length + 5000 + 2 + noise.length);
  expect(logicalBytes).toBe(must(await place.store.objects.usage("house")).bytes);
  expect(storedBytes).toBeLessThan(noise.length + lines.length / 40);
  expect(rows("SELECT form FROM blobs WHERE size = 2")).toEqual([[null]]);
});

test("what is compressed already is not tried", async () => {
  await bucket({ [compressionDocument]: "zstd" });
  await put("a.zip", lines);
  await put("b", lines, { contentType: "video/mp4" });
  await put("c", lines, { headers: { "content-encoding": "gzip" } });
  expect(rows("SELECT count(*) FROM blobs WHERE form IS NULL")).toEqual([[3]]);
});

test("equal bodies are kept once, and go with the last that refers to them", async () => {
  await bucket({ [deduplicationDocument]: "on" });
  await put("a", noise);
  await put("b", noise);
  await put("c", noise.subarray(0, 400_000));
  expect((await files()).length).toBe(2);
  expect(must(await place.store.storedUsage("house")).storedBytes).toBe(900_000);
  expect(must(await place.store.objects.usage("house")).bytes).toBe(1_400_000);
  await drop("a");
  expect(Buffer.compare(await read("b"), noise)).toBe(0);
  await drop("b");
  await drop("c");
  for (let waits = 0; waits < 200 && (await files()).length > 0; waits++) await Bun.sleep(5);
  expect(await files()).toEqual([]);
  expect(rows("SELECT count(*) FROM body_marks")).toEqual([[0]]);
  await put("a", noise);
  expect(Buffer.compare(await read("a"), noise)).toBe(0);
});

test("many at once, small ones and parts: one body each", async () => {
  await bucket({ [deduplicationDocument]: "on", [encryptionDocument]: JSON.stringify({ kind: "house" }) });
  await Promise.all(Array.from({ length: 8 }, (_, i) => put(`k${i}`, noise)));
  await Promise.all(Array.from({ length: 8 }, (_, i) => put(`s${i}`, noise.subarray(0, 1000))));
  expect((await files()).length).toBe(1);
  expect(rows("SELECT refs FROM blobs ORDER BY refs")).toEqual([[8], [8]]);
  const { objects } = place.store;
  const at = { bucket: "house", key: "m" };
  const upload = must(await objects.createUpload(by, at, { ...facts, digests: [], digestsOf: "object" }));
  const parts = [];
  for (const number of [1, 2]) {
    const part = must(await objects.putPart(by, at, upload.id, number, sourceOf(noise), rest));
    parts.push({ number, etag: part.etag, digests: {} });
  }
  must(await objects.completeUpload(by, at, upload.id, { parts, when: {}, minPartBytes: 1 }));
  expect((await files()).length).toBe(1);
  expect(Buffer.compare(await read("m"), concat([noise, noise]))).toBe(0);
  expect(Buffer.compare(await read("k7"), noise)).toBe(0);
});

test("what is sealed otherwise, in another bucket or damaged does not stand for a body", async () => {
  await bucket({ [deduplicationDocument]: "on" });
  await bucket({ [deduplicationDocument]: "on" }, "other");
  await put("plain", noise);
  await put("sealed", noise, { encryption: { kind: "house" } });
  await put("mine", noise, { encryption: { kind: "customer", key: new Uint8Array(32) } });
  await put("mine-too", noise, { encryption: { kind: "customer", key: new Uint8Array(32) } });
  await put("elsewhere", noise, {}, "other");
  expect((await files()).length).toBe(5);
  const db = new Database(join(place.data, "catalog.db"));
  db.run("UPDATE blobs SET damaged_at = 1 WHERE form IS NULL");
  db.close();
  await put("again", noise);
  expect((await files()).length).toBe(6);
  expect(Buffer.compare(await read("again"), noise)).toBe(0);
});
