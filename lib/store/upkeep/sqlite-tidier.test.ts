import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../base/entropy.ts";
import { must } from "../../base/result.ts";
import { asUnixMs, handClock } from "../../base/time.ts";
import { houseActor as by } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import { openStore } from "../open.ts";

const dayMs = 86_400_000;
const signal = new AbortController().signal;
const how = { changesMs: 30 * dayMs, uploadsMs: 7 * dayMs, signal };
const newObject = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: [],
  expect: () => ({}),
  when: {},
};

async function stage() {
  const data = await mkdtemp(join(tmpdir(), "holdfast-tidy-"));
  const clock = handClock(1_700_000_000_000);
  const store = await openStore(data, { clock, entropy: seededEntropy(3), log: silentLog });
  const { objects } = store;
  must(await objects.createBucket(by, { name: "house", tenant: "main", owner: "u1", versioning: "enabled" }));
  const name = (key: string) => ({ bucket: "house", key });
  const bytes = new Uint8Array(10);
  async function* chunks() {
    yield await Promise.resolve(bytes.slice());
  }
  const put = async (key: string) =>
    must(await objects.put(by, name(key), { size: 10, chunks: chunks() }, newObject));
  const subjects = async () => (await store.feed.read(0, 1000)).map(({ subject }) => subject);
  return {
    clock,
    store,
    name,
    put,
    subjects,
    chunks,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

test("old changes go, young ones and the newest stay, and numbers go on rising", async () => {
  await using s = await stage();
  for (const key of ["a", "b", "c"]) {
    await s.put(key);
    s.clock.advance(20 * dayMs);
  }
  expect(await s.store.tidier.tidy(how)).toEqual({ changes: 3, uploads: 0, outrun: [] });
  expect(await s.subjects()).toEqual(["c"]);
  s.clock.advance(1000 * dayMs);
  expect(await s.store.tidier.tidy(how)).toEqual({ changes: 0, uploads: 0, outrun: [] });
  const head = await s.store.feed.head();
  await s.put("d");
  expect(await s.store.feed.head()).toBe(head + 1);
});

test("a reader that is behind is waited for, four times as long, and then told of", async () => {
  await using s = await stage();
  await s.put("a");
  await s.put("b");
  await s.store.feed.saveCursor("notify", 1);
  s.clock.advance(40 * dayMs);
  await s.put("c");
  expect(await s.store.tidier.tidy(how)).toEqual({ changes: 1, uploads: 0, outrun: [] });
  expect(await s.subjects()).toEqual(["a", "b", "c"]);
  s.clock.advance(90 * dayMs);
  expect(await s.store.tidier.tidy(how)).toEqual({ changes: 2, uploads: 0, outrun: ["notify"] });
  expect(await s.subjects()).toEqual(["c"]);
});

test("a moment whose changes are forgotten still shows the bucket as it was", async () => {
  await using s = await stage();
  await s.put("early");
  s.clock.advance(dayMs);
  const between = asUnixMs(s.clock.wall() - 60_000);
  await s.put("late");
  s.clock.advance(100 * dayMs);
  await s.put("now");
  const shown = async () => {
    const past = must(await s.store.timeTravel.past("house", { at: between }));
    const ask = { bucket: "house", prefix: "", delimiter: "", after: "", limit: 10 };
    return must(await past.list(ask)).objects.map(({ key }) => key);
  };
  expect(await shown()).toEqual(["early"]);
  expect((await s.store.tidier.tidy(how)).changes).toBe(3);
  expect(await shown()).toEqual(["early"]);
});

test("ended uploads go after a week", async () => {
  await using s = await stage();
  const { objects } = s.store;
  const at = s.name("big");
  const upload = must(await objects.createUpload(by, at, { ...newObject, digestsOf: "object" }));
  const source = { size: 10, chunks: s.chunks() };
  const part = must(await objects.putPart(by, at, upload.id, 1, source, { digests: [], expect: () => ({}) }));
  const parts = [{ number: 1, etag: part.etag, digests: {} }];
  const complete = () => objects.completeUpload(by, at, upload.id, { parts, minPartBytes: 1, when: {} });
  const made = must(await complete());
  expect(must(await complete()).version).toBe(made.version);
  s.clock.advance(8 * dayMs);
  expect(await s.store.tidier.tidy(how)).toMatchObject({ uploads: 1 });
  expect(await complete()).toMatchObject({ ok: false, fault: { code: "not-found" } });
  expect((await objects.head(at)).ok).toBe(true);
});
