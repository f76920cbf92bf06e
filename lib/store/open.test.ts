import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat, hex } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { must, type Result } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { houseActor } from "../rules/identity.ts";
import { silentLog } from "../watch/log.ts";
import type { Content, Source } from "./content.ts";
import { digestsOf } from "./digests.ts";
import type { NewObject, ObjectName } from "./objects.ts";
import { openStore, type Store } from "./open.ts";

const by = houseActor;
const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);
const at = (key: string): ObjectName => ({ bucket: "house", key });
const large = seededEntropy(3)(700_001);

const newObject: NewObject = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: ["sha256", "crc64nvme"],
  expect: () => ({}),
  when: {},
};

function source(bytes: Uint8Array, step = 65_536, breakAt = Infinity): Source {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < bytes.length; from += step) {
      if (from >= breakAt) throw new Error("the sender is gone");
      await Promise.resolve();
      yield bytes.slice(from, from + step);
    }
  }
  return { size: bytes.length, chunks: chunks() };
}

async function bytesOf(content: Content, start = 0, end = content.size): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of content.read(start, end)) parts.push(chunk.slice());
  await content.close();
  return concat(parts);
}

interface Stage extends AsyncDisposable {
  readonly data: string;
  readonly store: Store;
  open(): Promise<Store>;
  /** Names of blob files, and of drafts of every process. */
  files(): { blobs: string[]; drafts: string[] };
}

async function stage(): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  const opened: Store[] = [];
  const clock = handClock();
  const open = async (): Promise<Store> => {
    const store = await openStore(data, { clock, entropy: seededEntropy(opened.length + 9), log: silentLog });
    opened.push(store);
    return store;
  };
  const store = await open();
  must(await store.objects.createBucket(by, { name: "house", tenant: "main", owner: "u1" }));
  const under = (folder: string): string[] =>
    readdirSync(join(data, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"))
      .map((entry) => entry.name);
  return {
    data,
    store,
    open,
    files: () => ({ blobs: under("blobs"), drafts: under("staging") }),
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}

test("a large body is a file: hashed by a worker, read in ranges, deleted with the last name", async () => {
  await using s = await stage();
  const { objects } = s.store;
  const puts = ["a", "b", "c"].map((key) => objects.put(by, at(key), source(large), newObject));
  const [made] = (await Promise.all(puts)).map(must);
  const expected = digestsOf(["md5", "sha256", "crc64nvme"], large);
  expect(made).toMatchObject({ size: large.length, etag: hex(expected.md5!) });
  expect(made!.digests).toEqual({ sha256: expected.sha256!, crc64nvme: expected.crc64nvme! });
  expect(s.files().blobs).toHaveLength(3);
  expect(s.files().drafts).toEqual([]);

  const { content } = must(await objects.get(at("a")));
  expect(await Bun.file(content.file!.path).bytes()).toEqual(new Uint8Array(large));
  expect(await bytesOf(content, 65_000, 400_001)).toEqual(new Uint8Array(large.slice(65_000, 400_001)));

  must(
    await objects.copy(by, {
      from: { ...at("a"), version: undefined },
      to: at("d"),
      facts: undefined,
      when: {},
      digests: [],
    }),
  );
  must(await objects.remove(by, at("a")));
  expect(s.files().blobs).toHaveLength(3);
  must(await objects.put(by, at("d"), source(large.slice(0, 10)), newObject));
  must(await objects.remove(by, at("b")));
  expect(s.files().blobs).toHaveLength(1);
});

test("content that is open stays whole when its name goes, in one file and in parts", async () => {
  await using s = await stage();
  const { objects } = s.store;
  must(await objects.put(by, at("one"), source(large), newObject));
  const upload = must(
    await objects.createUpload(by, at("parts"), { ...newObject, digestsOf: "object", digests: ["crc32c"] }),
  );
  const numbers = [1, 2, 3];
  const parts = [];
  for (const number of numbers) {
    const part = must(await objects.putPart(by, at("parts"), upload.id, number, source(large), newObject));
    parts.push({ number, etag: part.etag, digests: {} });
  }
  const how = { parts, when: {}, minPartBytes: 1 };
  const made = must(await objects.completeUpload(by, at("parts"), upload.id, how));
  const whole = concat([large, large, large]);
  expect(made.digests.crc32c).toEqual(digestsOf(["crc32c"], whole).crc32c);

  const one = must(await objects.get(at("one"))).content;
  const three = must(await objects.get(at("parts"))).content;
  must(await objects.remove(by, at("one")));
  must(await objects.remove(by, at("parts")));
  expect(await bytesOf(one)).toEqual(new Uint8Array(large));
  expect(await bytesOf(three, 600_000, 1_500_000)).toEqual(whole.slice(600_000, 1_500_000));
  expect(s.files()).toEqual({ blobs: [], drafts: [] });
});

test("a body that breaks off, lies or is refused leaves no file", async () => {
  await using s = await stage();
  const { objects } = s.store;
  const broken = await objects.put(by, at("a"), source(large, 65_536, 300_000), newObject);
  expect(code(broken)).toBe("cancelled");
  const short = { ...source(large), size: large.length + 1 };
  expect(code(await objects.put(by, at("a"), short, newObject))).toBe("truncated");
  const wrong = { ...newObject, expect: () => ({ md5: new Uint8Array(16) }) };
  expect(code(await objects.put(by, at("a"), source(large), wrong))).toBe("digest");
  must(await objects.changeBucket(by, "house", { quota: { bytes: 1000 } }));
  expect(code(await objects.put(by, at("a"), source(large), newObject))).toBe("quota");
  expect(s.files()).toEqual({ blobs: [], drafts: [] });
  expect(code(await objects.head(at("a")))).toBe("not-found");
});

test("opening removes what dead processes left, and nothing of a living one", async () => {
  await using s = await stage();
  const { objects } = s.store;
  must(await objects.put(by, at("kept"), source(large), newObject));
  const [kept] = s.files().blobs;
  let release = (): void => {};
  const held = new Promise<void>((go) => (release = go));
  async function* slowly(): AsyncGenerator<Uint8Array> {
    yield large.slice(0, 400_000);
    await held;
    yield large.slice(400_000);
  }
  const inFlight = objects.put(by, at("slow"), { size: large.length, chunks: slowly() }, newObject);
  while (s.files().drafts.length === 0) await Bun.sleep(1);

  const dead = join(s.data, "staging", "dead");
  mkdirSync(dead);
  await writeFile(`${dead}.lock`, "");
  const orphan = "orphan00";
  mkdirSync(join(s.data, "blobs", "00"), { recursive: true });
  await writeFile(join(s.data, "blobs", "00", orphan), "x");
  for (const name of ["draft", orphan, kept!]) await writeFile(join(dead, name), "x");

  await s.open();
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(`${dead}.lock`)).toBe(false);
  expect(s.files().blobs).toEqual([kept!]);
  expect(s.files().drafts).toHaveLength(1);
  release();
  must(await inFlight);
  expect(await bytesOf(must(await objects.get(at("slow"))).content)).toEqual(new Uint8Array(large));
});

test("two that open the same empty directory at once agree on schema and key", async () => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  const needs = { clock: handClock(), entropy: seededEntropy(5), log: silentLog };
  const stores = await Promise.all([1, 2, 3].map(() => openStore(data, needs)));
  must(await stores[0]!.objects.createBucket(by, { name: "house", tenant: "main", owner: "u1" }));
  for (const { objects } of stores) expect(must(await objects.bucket("house")).name).toBe("house");
  expect(statSync(join(data, "master.key")).mode & 0o777).toBe(0o600);
  expect(statSync(join(data, "master.key")).size).toBe(32);
  for (const store of stores) await store[Symbol.asyncDispose]();
  expect(readdirSync(join(data, "staging"))).toEqual(["door.lock"]);
  await rm(data, { recursive: true });
});

test("the change feed tells of every change, wakes for another process, and keeps a place", async () => {
  await using s = await stage();
  const { feed, objects } = s.store;
  const other = await s.open();
  const before = await feed.head();
  const woken = other.feed.wait(before, AbortSignal.timeout(5000));
  must(await objects.put(by, at("a"), source(large.slice(0, 9)), newObject));
  must(await objects.remove(by, at("a")));
  await woken;
  const changes = await other.feed.read(before, 10);
  expect(changes.map(({ kind, subject, size }) => [kind, subject, size])).toEqual([
    ["object.created", "a", 9],
    ["object.removed", "a", 9],
  ]);
  expect(changes.map(({ seq }) => seq)).toEqual([before + 1, before + 2]);
  expect(await feed.cursor("console")).toBe(0);
  await feed.saveCursor("console", changes[0]!.seq);
  expect(await other.feed.cursor("console")).toBe(before + 1);
});
