import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { copyFile, mkdtemp, readdir, rm, truncate, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../base/entropy.ts";
import { must, type Result } from "../../base/result.ts";
import { asUnixMs, handClock } from "../../base/time.ts";
import { houseActor as by } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import type { NewObject } from "../objects.ts";
import { openStore } from "../open.ts";
import type { ScrubProgress } from "../scrubber.ts";

const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);
const body = seededEntropy(2)(100_000);
const signal = new AbortController().signal;
const fast = { bytesPerSecond: 0, signal };

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

async function stage() {
  const data = await mkdtemp(join(tmpdir(), "holdfast-scrub-"));
  const clock = handClock(Date.now());
  const store = await openStore(data, { clock, entropy: seededEntropy(3), log: silentLog });
  must(await store.objects.createBucket(by, { name: "house", tenant: "main", owner: "u1" }));
  const put = async (key: string, bytes: Uint8Array) =>
    must(
      await store.objects.put(
        by,
        { bucket: "house", key },
        { size: undefined, chunks: once(bytes) },
        newObject,
      ),
    );
  const get = async (key: string): Promise<string> => {
    const got = await store.objects.get({ bucket: "house", key });
    if (got.ok) await got.value.content.close();
    return code(got);
  };
  const blobFiles = async (): Promise<string[]> => {
    const entries = await readdir(join(data, "blobs"), { recursive: true, withFileTypes: true });
    return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  };
  return {
    data,
    clock,
    store,
    put,
    get,
    blobFiles,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

test("a round over sound bodies finds nothing, and counts them", async () => {
  await using s = await stage();
  await s.put("large", body);
  await s.put("small", body.slice(0, 10));
  const report = await s.store.scrubber.run(fast);
  expect(report).toEqual({ bodies: 2, bytes: 100_010, damaged: [], healed: 0, orphans: 0, finished: true });
});

test("a changed, a cut and a missing file are told by name, not served, and healed when back", async () => {
  await using s = await stage();
  await s.put("a", body);
  const [file] = await s.blobFiles();
  await copyFile(file!, `${s.data}/kept`);
  must(
    await s.store.objects.copy(by, {
      from: { bucket: "house", key: "a", version: undefined },
      to: { bucket: "house", key: "twin" },
      facts: undefined,
      when: {},
      digests: [],
    }),
  );
  const worse: [what: string, spoil: () => Promise<void>][] = [
    ["changed", () => writeFile(file!, Buffer.alloc(body.length, 1))],
    ["changed", () => truncate(file!, 99_999)],
    ["missing", () => unlink(file!)],
  ];
  for (const [what, spoil] of worse) {
    await spoil();
    const { damaged } = await s.store.scrubber.run(fast);
    expect(damaged).toMatchObject([{ what, objects: [{ key: "a" }, { bucket: "house", key: "twin" }] }]);
    expect(await s.get("a")).toBe("damaged");
    expect(await s.store.scrubber.damaged()).toHaveLength(1);
    await copyFile(`${s.data}/kept`, file!);
    expect(await s.store.scrubber.run(fast)).toMatchObject({ damaged: [], healed: 1 });
    expect(await s.get("twin")).toBe("ok");
  }
});

test("a body in the catalog is checked too", async () => {
  await using s = await stage();
  await s.put("small", body.slice(0, 1000));
  const db = new Database(join(s.data, "catalog.db"));
  db.run("UPDATE blobs SET body = zeroblob(1000)");
  db.close();
  expect(await s.get("small")).toBe("damaged");
  expect((await s.store.scrubber.run(fast)).damaged).toMatchObject([{ what: "changed" }]);
});

test("an interrupted round goes on where it was, and the pace is kept", async () => {
  await using s = await stage();
  for (let i = 0; i < 5; i++) await s.put(`k${i}`, body.slice(0, 1000));
  const stop = new AbortController();
  expect(await s.store.scrubber.finishedAt()).toBeUndefined();
  const slow = s.store.scrubber.run({ bytesPerSecond: 1000, signal: stop.signal });
  await Bun.sleep(30);
  stop.abort();
  const first = await slow;
  expect(first).toMatchObject({ finished: false });
  expect(first.bodies).toBeLessThan(5);
  const told: ScrubProgress[] = [];
  const rest = await s.store.scrubber.run({ ...fast, told: (progress) => void told.push(progress) });
  expect(rest).toMatchObject({ bodies: 5 - first.bodies, finished: true });
  expect(told.at(-1)).toMatchObject({ bodies: rest.bodies, bytes: rest.bytes, found: 0, share: 1 });
  expect(await s.store.scrubber.finishedAt()).toBe(asUnixMs(s.clock.wall()));
});

test("a file that nothing refers to goes after an hour, and no other", async () => {
  await using s = await stage();
  await s.put("a", body);
  const [file] = await s.blobFiles();
  await writeFile(`${file!.slice(0, -26)}oldorphan`, "x");
  const old = await readdir(join(file!, ".."));
  await utimes(
    join(
      file!,
      "..",
      old.find((name) => name === "oldorphan")!,
    ),
    1,
    1,
  );
  expect((await s.store.scrubber.run(fast)).orphans).toBe(0); // not in its own folder: not ours
  const mine = join(s.data, "blobs", "an");
  await import("node:fs/promises").then(({ mkdir }) => mkdir(mine));
  for (const name of ["old-orphan", "new-orphan"]) await writeFile(join(mine, name), "x");
  await utimes(join(mine, "old-orphan"), 1, 1);
  await utimes(join(mine, "new-orphan"), asUnixMs(s.clock.wall() / 1000), s.clock.wall() / 1000);
  expect((await s.store.scrubber.run(fast)).orphans).toBe(1);
  expect(await readdir(mine)).toEqual(["new-orphan"]);
  expect(await s.get("a")).toBe("ok");
});
