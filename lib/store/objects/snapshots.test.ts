import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lossyText, utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { must, type Result } from "../../base/result.ts";
import { asUnixMs, handClock } from "../../base/time.ts";
import { houseActor as by } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import type { ListAsk, Listing, NewObject, Versioning } from "../objects.ts";
import { openStore } from "../open.ts";
import type { Moment } from "../time-travel.ts";

const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);
const large = seededEntropy(5)(80_000);

const newObject: NewObject = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: [],
  expect: () => ({}),
  when: {},
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes.slice());
}

async function stage(versioning: Versioning = "off") {
  const data = await mkdtemp(join(tmpdir(), "holdfast-past-"));
  const clock = handClock();
  const store = await openStore(data, { clock, entropy: seededEntropy(3), log: silentLog });
  const { objects, timeTravel } = store;
  must(await objects.createBucket(by, { name: "house", tenant: "main", owner: "u1", versioning }));
  const put = async (key: string, body: string | Uint8Array): Promise<void> => {
    clock.advance(10);
    const bytes = typeof body === "string" ? utf8(body) : body;
    const source = { size: bytes.length, chunks: once(bytes) };
    must(await objects.put(by, { bucket: "house", key }, source, newObject));
  };
  const remove = async (key: string, version?: string): Promise<void> => {
    clock.advance(10);
    must(await objects.remove(by, { bucket: "house", key }, version));
  };
  /** "key=text" of every key at that moment. */
  const shown = async (moment: Moment, limit = 1000): Promise<string[]> => {
    const view = must(await timeTravel.past("house", moment));
    const rows: string[] = [];
    let after: string | undefined = "";
    while (after !== undefined) {
      const ask: ListAsk = { bucket: "house", prefix: "", delimiter: "", after, limit };
      const page: Listing = must(await view.list(ask));
      for (const { key, size } of page.objects) {
        const { content } = must(await view.get({ bucket: "house", key }));
        const text: string = content.bytes ? lossyText(content.bytes) : String(size);
        await content.close();
        rows.push(`${key}=${text}`);
      }
      after = page.next;
    }
    return rows;
  };
  const snap = async (name: string) => must(await timeTravel.makeSnapshot(by, "house", name));
  const files = async (): Promise<number> => {
    const entries = await readdir(join(data, "blobs"), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).length;
  };
  return {
    clock,
    store,
    objects,
    timeTravel,
    put,
    remove,
    shown,
    snap,
    files,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

test.each<Versioning>(["off", "enabled", "suspended"])(
  "a snapshot shows what was there, whatever happens after (versioning %s)",
  async (versioning) => {
    await using s = await stage("off");
    await s.put("old", "0");
    if (versioning !== "off") must(await s.objects.changeBucket(by, "house", { versioning: "enabled" }));
    await s.put("a", "1");
    await s.put("b", "2");
    await s.put("d/x", "3");
    await s.remove("b");
    if (versioning === "suspended") must(await s.objects.changeBucket(by, "house", { versioning }));
    await s.snap("first");
    const first = ["a=1", "d/x=3", "old=0"];
    await s.put("a", "changed");
    await s.put("b", "new");
    await s.remove("old");
    must(await s.objects.move(by, "house", "d/", "e/", { folder: true, replace: false }));
    await s.snap("second");
    const second = ["a=changed", "b=new", "e/x=3"];
    const versions = must(
      await s.objects.listVersions({
        bucket: "house",
        prefix: "",
        delimiter: "",
        after: "",
        afterVersion: "",
        limit: 100,
      }),
    );
    for (const { key, version } of versions.versions) await s.remove(key, version);
    expect(await s.shown({ snapshot: "first" })).toEqual(first);
    expect(await s.shown({ snapshot: "second" })).toEqual(second);
    expect(await s.shown({ snapshot: "second" }, 1)).toEqual(second);
    expect(await s.shown({ at: s.clock.wall() })).toEqual([]);
    expect(must(await s.objects.usage("house"))).toEqual({ bytes: 0, objects: 0 });
    const view = must(await s.timeTravel.past("house", { snapshot: "first" }));
    const top = { bucket: "house", prefix: "", delimiter: "/", after: "", limit: 10 };
    expect(must(await view.list(top)).prefixes).toEqual(["d/"]);
    expect(code(await view.get({ bucket: "house", key: "b" }))).toBe("not-found");
  },
);

test("a time in a bucket that keeps versions shows what was current then", async () => {
  await using s = await stage("enabled");
  const start = s.clock.wall();
  await s.put("a", "1");
  await s.put("b", "2");
  const then = s.clock.wall();
  await s.put("a", "3");
  await s.remove("b");
  expect(await s.shown({ at: then })).toEqual(["a=1", "b=2"]);
  expect(await s.shown({ at: asUnixMs(then + 10) })).toEqual(["a=3", "b=2"]);
  expect(await s.shown({ at: s.clock.wall() })).toEqual(["a=3"]);
  expect(await s.shown({ at: asUnixMs(start - 1) })).toEqual([]);
});

test("bytes stay while a snapshot shows them, and go with the last that does", async () => {
  await using s = await stage();
  await s.put("a", large);
  await s.snap("one");
  await s.snap("two");
  await s.put("a", "small");
  expect(await s.files()).toBe(1);
  expect(code(await s.objects.deleteBucket(by, "house"))).toBe("not-empty");
  must(await s.timeTravel.removeSnapshot(by, "house", "one"));
  expect(await s.files()).toBe(1);
  expect(await s.shown({ snapshot: "two" })).toEqual(["a=80000"]);
  must(await s.timeTravel.removeSnapshot(by, "house", "two"));
  await s.remove("a");
  must(await s.objects.deleteBucket(by, "house"));
  expect(await s.files()).toBe(0);
});

test("restoring gives a folder what it had, and takes what it had not", async () => {
  await using s = await stage();
  await s.put("d/a", "1");
  await s.put("d/b", large);
  await s.put("other", "x");
  await s.snap("good");
  await s.put("d/a", "ruined");
  await s.remove("d/b");
  await s.put("d/c", "ransom note");
  await s.put("other", "y");
  const told = must(await s.timeTravel.restore(by, "house", "d/", { snapshot: "good" }));
  expect(told).toEqual({ restored: 2, removed: 1 });
  await s.snap("after");
  expect(await s.shown({ snapshot: "after" })).toEqual(["d/a=1", "d/b=80000", "other=y"]);
  expect(must(await s.timeTravel.restore(by, "house", "d/", { snapshot: "good" }))).toMatchObject({
    removed: 0,
  });
  expect(must(await s.objects.usage("house"))).toEqual({ bytes: 80_002, objects: 3 });
});

test("snapshots have names, are listed in order, and are of one bucket", async () => {
  await using s = await stage();
  await s.snap("b");
  s.clock.advance(1);
  await s.snap("a");
  expect(must(await s.timeTravel.snapshots("house")).map(({ name }) => name)).toEqual(["b", "a"]);
  expect(code(await s.timeTravel.makeSnapshot(by, "house", "a"))).toBe("exists");
  expect(code(await s.timeTravel.makeSnapshot(by, "house", "a/b"))).toBe("bad-name");
  expect(code(await s.timeTravel.makeSnapshot(by, "none", "a"))).toBe("not-found");
  expect(code(await s.timeTravel.past("house", { snapshot: "none" }))).toBe("not-found");
  expect(code(await s.timeTravel.removeSnapshot(by, "house", "none"))).toBe("not-found");
});
