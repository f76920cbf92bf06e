import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../base/entropy.ts";
import { must } from "../../base/result.ts";
import { asInstant, asUnixMs, type Clock } from "../../base/time.ts";
import { houseActor } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import { openAuditLog } from "../audit-log.ts";
import { proveAudit } from "../audit-verify.ts";
import { openStore, type Store } from "../open.ts";
import { backUp } from "./backup.ts";
import { areBodiesHeld, holdBodies } from "./hold-bodies.ts";
import { proveBackup, restoreFrom } from "./restore.ts";

const root = await mkdtemp(join(tmpdir(), "holdfast-backup-"));
afterAll(() => rm(root, { recursive: true, force: true }));

const clock: Clock = { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) };
const needs = (seed: number) => ({ clock, entropy: seededEntropy(seed), log: silentLog });
const told = { at: "2026-11-21T00:00:00.000Z", version: "0.0.0" };
const folder = async (): Promise<string> => await mkdtemp(join(root, "f-"));

const plain = { contentType: undefined, headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
const bytesOf = (key: string, size: number): Uint8Array => {
  const seed = Bun.hash.crc32(key);
  return Uint8Array.from({ length: size }, (_, i) => (seed + i * 31) & 0xff);
};

async function put(store: Store, key: string, size: number): Promise<void> {
  const chunks = (async function* () {
    yield bytesOf(key, size);
  })();
  const facts = { ...plain, digests: [], expect: () => ({}), when: {} };
  must(await store.objects.put(houseActor, { bucket: "kept", key }, { size, chunks }, facts));
}

async function read(store: Store, key: string): Promise<Uint8Array> {
  const { content } = must(await store.objects.get({ bucket: "kept", key }));
  const parts: Uint8Array[] = [];
  for await (const part of content.read(0, content.size)) parts.push(part);
  await content.close();
  return Buffer.concat(parts);
}

/** A house with a user, small and large bodies, and a trail. */
async function house(seed = 1): Promise<{ data: string; store: Store }> {
  const data = await folder();
  const store = await openStore(data, needs(seed));
  const user = { tenant: "main", name: "ada", role: "admin", groups: [], home: undefined } as const;
  const ada = must(
    await store.identities.addUser(houseActor, { ...user, expiresAt: undefined, password: "word" }),
  );
  must(await store.objects.createBucket(houseActor, { name: "kept", tenant: "main", owner: ada.id }));
  for (let i = 0; i < 6; i++) await put(store, `k${i}`, i % 2 === 0 ? 1000 : 200_000);
  const audit = must(await openAuditLog(data, "s3d", needs(seed)));
  audit.tell({
    at: clock.wall(),
    actor: houseActor,
    verb: "sign-in",
    target: "x",
    outcome: "ok",
    detail: {},
  });
  await audit[Symbol.asyncDispose]();
  return { data, store };
}

test("what is backed up while it runs is restored whole: bodies, people, keys, trail", async () => {
  const { data, store } = await house();
  const target = join(await folder(), "backup");
  const facts = must(await backUp(data, target, told));
  expect(facts).toMatchObject({ buckets: 1, objects: 6, files: 3, bytes: 3 * 1000 + 3 * 200_000 });
  expect((await stat(target)).mode & 0o777).toBe(0o700);
  await store[Symbol.asyncDispose]();
  await rm(data, { recursive: true });
  expect(must(await proveBackup(target)).findings).toEqual([]);
  must(await restoreFrom(target, data));
  await using again = await openStore(data, needs(2));
  for (let i = 0; i < 6; i++)
    expect(Buffer.compare(await read(again, `k${i}`), bytesOf(`k${i}`, i % 2 === 0 ? 1000 : 200_000))).toBe(
      0,
    );
  expect((await again.identities.checkPassword("main", "ada", "word")).ok).toBe(true);
  expect(must(await proveAudit(join(data, "audit"))).chains).toMatchObject([{ daemon: "s3d", findings: [] }]);
});

test("a second backup copies what is new, and forgets what is gone", async () => {
  const { data, store } = await house();
  const target = join(await folder(), "backup");
  must(await backUp(data, target, told));
  const count = async () => (await Array.fromAsync(new Bun.Glob("blobs/*/*").scan(target))).length;
  expect(await count()).toBe(3);
  const [one] = await Array.fromAsync(new Bun.Glob("blobs/*/*").scan(target));
  const before = (await stat(join(target, one!))).mtimeMs;
  await put(store, "new", 300_000);
  for (const key of ["k1", "k3"]) must(await store.objects.remove(houseActor, { bucket: "kept", key }));
  const facts = must(await backUp(data, target, told));
  expect(facts).toMatchObject({ objects: 5, files: 2 });
  expect(await count()).toBe(2);
  if (existsSync(join(target, one!))) expect((await stat(join(target, one!))).mtimeMs).toBe(before);
  expect(must(await proveBackup(target)).findings).toEqual([]);
  await store[Symbol.asyncDispose]();
});

test("while a backup needs them, files of removed bodies stay; the next removal takes them", async () => {
  const { data, store } = await house();
  const count = async () => (await Array.fromAsync(new Bun.Glob("blobs/*/*").scan(data))).length;
  const remove = async (key: string) => must(await store.objects.remove(houseActor, { bucket: "kept", key }));
  {
    using _held = must(await holdBodies(data));
    await remove("k1");
    expect(await count()).toBe(3);
    const target = join(await folder(), "backup");
    expect(await backUp(data, target, told)).toMatchObject({ ok: false, fault: { code: "busy" } });
  }
  await remove("k3");
  await store[Symbol.asyncDispose]();
  expect(await count()).toBe(1);
});

test("another database of the house is copied whole, with what only its log holds", async () => {
  const { data, store } = await house();
  const live = new Database(join(data, "transfers.db"), { create: true });
  live.run("PRAGMA journal_mode = WAL");
  live.run("CREATE TABLE moved(name TEXT)");
  live.run("INSERT INTO moved VALUES('a'), ('b')");
  const target = join(await folder(), "backup");
  must(await backUp(data, target, told));
  using copy = new Database(join(target, "transfers.db"), { readonly: true });
  expect(copy.query("SELECT name FROM moved").values()).toEqual([["a"], ["b"]]);
  expect(existsSync(join(target, "transfers.db-wal"))).toBe(false);
  live.close();
  await store[Symbol.asyncDispose]();
});

test("what a killed backup held is let go", async () => {
  const { data, store } = await house();
  await writeFile(join(data, "backup.hold"), "");
  expect(areBodiesHeld(data)).toBe(false);
  expect(existsSync(join(data, "backup.hold"))).toBe(false);
  await store[Symbol.asyncDispose]();
});

test("a house that is written to all the while gives one whole moment", async () => {
  const { data, store } = await house();
  const stop = { now: false };
  const writing = (async () => {
    for (let i = 0; !stop.now; i++) {
      await put(store, `busy${i % 7}`, 70_000 + (i % 5) * 10_000);
      if (i % 3 === 0) await store.objects.remove(houseActor, { bucket: "kept", key: `busy${(i + 3) % 7}` });
    }
  })();
  for (let round = 0; round < (process.env["HOLDFAST_LONG"] ? 12 : 2); round++) {
    const target = join(await folder(), "backup");
    must(await backUp(data, target, told));
    expect(must(await proveBackup(target)).findings).toEqual([]);
    await using copy = await openStore(target, needs(9 + round));
    const listed = must(
      await copy.objects.list({ bucket: "kept", prefix: "", delimiter: "", after: "", limit: 100 }),
    );
    expect(listed.objects.length).toBeGreaterThanOrEqual(6);
    for (const { key, size } of listed.objects)
      expect([key, Buffer.compare(await read(copy, key), bytesOf(key, size))]).toEqual([key, 0]);
  }
  stop.now = true;
  await writing;
  await store[Symbol.asyncDispose]();
}, 30_000);

test("damage in a backup is found, and not restored", async () => {
  const { data, store } = await house();
  await store[Symbol.asyncDispose]();
  const target = join(await folder(), "backup");
  must(await backUp(data, target, told));
  const [one] = await Array.fromAsync(new Bun.Glob("blobs/*/*").scan(target));
  const body = await readFile(join(target, one!));
  body[77]! ^= 1;
  await writeFile(join(target, one!), body);
  expect(must(await proveBackup(target)).findings).toEqual([expect.stringContaining("have changed")]);
  const fresh = join(await folder(), "data");
  expect(await restoreFrom(target, fresh)).toMatchObject({ ok: false, fault: { code: "damaged" } });
  expect(existsSync(join(fresh, "catalog.db"))).toBe(false);
});

test("nothing is written over: not a house, not a stranger's folder, not the house itself", async () => {
  const { data, store } = await house();
  await store[Symbol.asyncDispose]();
  const target = join(await folder(), "backup");
  must(await backUp(data, target, told));
  expect(await restoreFrom(target, data)).toMatchObject({ ok: false, fault: { code: "exists" } });
  expect(await restoreFrom(await folder(), await folder())).toMatchObject({ fault: { code: "not-found" } });
  const strange = await folder();
  await writeFile(join(strange, "letter.txt"), "dear");
  expect(await backUp(data, strange, told)).toMatchObject({ ok: false, fault: { code: "invalid" } });
  expect(await readdir(strange)).toEqual(["letter.txt"]);
  expect(await backUp(data, join(data, "inside"), told)).toMatchObject({ fault: { code: "invalid" } });
  expect(await backUp(join(data, "nowhere"), target, told)).toMatchObject({ fault: { code: "not-found" } });
});
