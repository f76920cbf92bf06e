/** Cuts the power at a random call to the file system, drops what was not synced, and opens what is left;
 *  and lets single calls fail as a full, a read-only or a crowded system would.
 *  HOLDFAST_LONG=1: 200 cuts instead of 10. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultCode } from "../../lib/base/fault.ts";
import { must } from "../../lib/base/result.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { ownThread } from "../../lib/store/blobs/sink-pool.ts";
import { openStore, type Store } from "../../lib/store/open.ts";
import { account, Model, needs, settle } from "./crash-model.ts";
import { perform, sourceOf } from "./crash-steps.ts";
import { bodyOf, commonBytes, keptForm, newObject, random } from "./crash-words.ts";
import { FaultFiles, type Planned } from "./fault-files.ts";

const cuts = process.env["HOLDFAST_LONG"] === "1" ? 200 : 10;
const cutsOfAHouse = 10;
const seed = process.env["HOLDFAST_SEED"] ?? String(Date.now());

async function openOn(data: string, files: FaultFiles): Promise<Store> {
  return openStore(data, { ...needs, files, pool: ownThread(files) });
}

async function makeBuckets(store: Store): Promise<void> {
  const house = { tenant: "main", owner: "u1" };
  must(await store.objects.createBucket(houseActor, { ...house, name: "plain" }));
  must(await store.objects.createBucket(houseActor, { ...house, name: "kept", versioning: "enabled" }));
  must(await store.objects.changeBucket(houseActor, "kept", { documents: keptForm }));
}

/** The log is short from here on, and no checkpoint comes into the way. */
function checkpoint(data: string): void {
  const db = new Database(join(data, "catalog.db"));
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

/** Steps until the power is gone; tells the model what was acknowledged before. */
async function writeUntilCut(store: Store, files: FaultFiles, model: Model, life: number): Promise<void> {
  const work = async (worker: number): Promise<void> => {
    const next = random(`${seed} ${life} ${worker}`);
    for (let step = 0; !files.isCut; step++) {
      const id = `${life}-${worker}-${step}`;
      const bucket = next(2) === 0 ? "plain" : "kept";
      const key = `${worker}/${next(4)}`;
      const kind = (["put", "put", "put", "delete", "upload", "abort"] as const)[next(6)]!;
      const own = kind === "put" && next(2) > 0 ? next(20_000) : 66_000 + next(50_000);
      const size = next(3) === 0 ? commonBytes : own;
      model.hear(`> ${id} ${kind} ${bucket} ${key} ${size}`);
      try {
        const version = await perform(store.objects, kind, id, bucket, key, size);
        if (!files.isCut) model.hear(`< ${id} ${version}`);
      } catch (error) {
        if (!files.isCut) throw error;
      }
    }
  };
  await Promise.all([0, 1, 2].map(work));
}

test(`after ${cuts} power cuts nothing acknowledged is missing or torn (HOLDFAST_SEED=${seed})`, async () => {
  const next = random(seed);
  for (let done = 0; done < cuts; done += cutsOfAHouse) await oneHouse(next, done);
}, 900_000);

/** One data directory and its lives: each is what the last power cut left. */
async function oneHouse(next: (n: number) => number, first: number): Promise<void> {
  const top = await mkdtemp(join(tmpdir(), "holdfast-power-"));
  const model = new Model(seed);
  let data = join(top, "life-0");
  {
    await using store = await openStore(data, needs);
    await makeBuckets(store);
  }
  for (let life = 1; life <= cutsOfAHouse; life++) {
    checkpoint(data);
    const files = new FaultFiles(join(top, `attic-${life}`), () => next(2) === 0);
    files.adopt(join(data, "blobs"));
    const store = await openOn(data, files);
    const left = join(top, `life-${life}`);
    files.cutPower(10 + next(400), () => files.remains(data, left));
    await writeUntilCut(store, files, model, first + life);
    await store[Symbol.asyncDispose]();
    rmSync(data, { recursive: true });
    rmSync(join(top, `attic-${life}`), { recursive: true });
    data = left;
    await using again = await openStore(data, needs);
    await settle(again, model, "");
    await account(again, data);
  }
  await rm(top, { recursive: true });
}

const large = bodyOf("large", 200_000);
const planned: readonly (readonly [call: Planned["call"], code: string, fault: FaultCode, after?: number])[] =
  [
    ["create", "ENOSPC", "no-space"],
    ["create", "EROFS", "read-only"],
    ["create", "EMFILE", "too-many"],
    ["write", "ENOSPC", "no-space", 2],
    ["write", "EIO", "io"],
    ["sync", "ENOSPC", "no-space"],
    ["sync", "EIO", "io"],
    ["makeFolder", "EROFS", "read-only"],
    ["link", "ENOSPC", "no-space"],
    ["link", "EMFILE", "too-many"],
    ["syncFolder", "EIO", "io"],
  ];

async function faultyStage() {
  const data = mkdtempSync(join(tmpdir(), "holdfast-faults-"));
  const files = new FaultFiles(`${data}-attic`, () => false);
  const store = await openOn(data, files);
  await makeBuckets(store);
  const put = (key: string, bytes: Uint8Array) =>
    store.objects.put(houseActor, { bucket: "plain", key }, sourceOf(bytes), newObject);
  must(await put("large", large));
  must(await put("small", bodyOf("small", 100)));
  return {
    data,
    files,
    store,
    put,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      for (const path of [data, `${data}-attic`]) rmSync(path, { recursive: true });
    },
  };
}

const code = (result: { ok: true } | { ok: false; fault: { code: FaultCode } }): string =>
  result.ok ? "ok" : result.fault.code;

test.each(planned)(
  "%s fails with %s: told as %s, all else stays readable",
  async (call, system, fault, after = 0) => {
    await using s = await faultyStage();
    s.files.plan({ call, code: system, after });
    expect(code(await s.put("large", bodyOf("other", 300_000)))).toBe(fault);
    s.files.plan(undefined);
    for (const [key, size] of [
      ["large", 200_000],
      ["small", 100],
    ] as const) {
      const { content } = must(await s.store.objects.get({ bucket: "plain", key }));
      const parts: Uint8Array[] = [];
      for await (const chunk of content.read(0, size)) parts.push(chunk);
      await content.close();
      expect(Buffer.concat(parts)).toEqual(Buffer.from(bodyOf(key, size)));
    }
    await account(s.store, s.data);
    expect(code(await s.put("large", large))).toBe("ok");
    await account(s.store, s.data);
  },
);

test("a file that cannot be opened for want of descriptors is told as that", async () => {
  await using s = await faultyStage();
  s.files.plan({ call: "openRead", code: "EMFILE", after: 0 });
  expect(code(await s.store.objects.get({ bucket: "plain", key: "large" }))).toBe("too-many");
  expect(code(await s.store.objects.head({ bucket: "plain", key: "large" }))).toBe("ok");
});

test("a body that cannot be deleted now is deleted when the store opens again", async () => {
  await using s = await faultyStage();
  s.files.plan({ call: "unlink", code: "EROFS", after: 0 });
  must(await s.store.objects.remove(houseActor, { bucket: "plain", key: "large" }));
  await using again = await openStore(s.data, needs);
  await account(again, s.data);
});

test("a log that cannot be brought to disk answers nobody well, and stays readable", async () => {
  await using s = await faultyStage();
  s.files.plan({ call: "syncLater", code: "EIO", after: 0 });
  expect(code(await s.put("small", large.slice(0, 10)))).toBe("io");
  expect(code(await s.put("other", large.slice(0, 10)))).toBe("io");
  expect(code(await s.store.objects.get({ bucket: "plain", key: "large" }))).toBe("ok");
  await using again = await openStore(s.data, needs);
  const put = again.objects.put(houseActor, { bucket: "plain", key: "x" }, sourceOf(large), newObject);
  expect(code(await put)).toBe("ok");
});
