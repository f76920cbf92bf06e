import { expect, test } from "bun:test";
import { readdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trialHouse } from "../lib/admin/trial-house.ts";
import { upkeepPanel, type DamageList, type ScrubView } from "../lib/admin/upkeep-panel.ts";
import { seededEntropy } from "../lib/base/entropy.ts";
import { must } from "../lib/base/result.ts";
import { handClock } from "../lib/base/time.ts";
import { houseActor } from "../lib/rules/identity.ts";
import { openStore } from "../lib/store/open.ts";
import { silentLog } from "../lib/watch/log.ts";
import { metricsRegistry } from "../lib/watch/metrics-registry.ts";
import { HouseUpkeep } from "./house-upkeep.ts";

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
  const data = await mkdtemp(join(tmpdir(), "holdfast-upkeep-"));
  const clock = handClock(1_700_000_000_000);
  const store = await openStore(data, { clock, entropy: seededEntropy(3), log: silentLog });
  const { objects } = store;
  must(await objects.createBucket(houseActor, { name: "house", tenant: "main", owner: "u1" }));
  const bytes = seededEntropy(4)(100_000);
  async function* chunks() {
    yield await Promise.resolve(bytes.slice());
  }
  const name = { bucket: "house", key: "a" };
  must(await objects.put(houseActor, name, { size: bytes.length, chunks: chunks() }, newObject));
  const metrics = metricsRegistry();
  const config = { scrubEvery: 0, scrubPace: 0, keepChanges: 86_400_000 };
  const upkeep = new HouseUpkeep({ clock, log: silentLog, metrics, data }, store, config);
  const house = await trialHouse([upkeepPanel(upkeep)]);
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await (await house.ask(method, `/api/v1${path}`, { local: true, body })).json()) as T;
  return {
    data,
    house,
    metrics,
    ask,
    /** The view of a round that has ended. */
    async verified(): Promise<ScrubView> {
      expect(await ask("POST", "/scrub", {})).toMatchObject({ running: true });
      for (;;) {
        const view = await ask<ScrubView>("GET", "/scrub");
        if (!view.running) return view;
        await Bun.sleep(2);
      }
    },
    async [Symbol.asyncDispose]() {
      await upkeep[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

test("a round that is asked for tells how far it is, what it found, and when it ended", async () => {
  await using s = await stage();
  expect(await s.ask("GET", "/scrub")).toMatchObject({ running: false, finishedAt: null });
  expect(await s.verified()).toMatchObject({
    bodies: 1,
    bytes: 100_000,
    found: 0,
    share: 1,
    finishedAt: "2023-11-14T22:13:20.000Z",
  });
  expect(await s.ask<DamageList>("GET", "/damage")).toEqual({ rows: [] });
  const names = await readdir(join(s.data, "blobs"), { recursive: true });
  const body = names.find((name) => name.includes("/"));
  await writeFile(join(s.data, "blobs", body!), Buffer.alloc(100_000));
  expect(await s.verified()).toMatchObject({ found: 1 });
  expect(await s.ask<DamageList>("GET", "/damage")).toMatchObject({
    rows: [{ what: "changed", objects: [{ bucket: "house", key: "a", version: "null" }] }],
  });
  const told = s.metrics.text();
  expect(told).toContain("holdfast_scrub_bodies_total 2\n");
  expect(told).toContain("holdfast_scrub_damaged_total 1\n");
  expect(s.house.told.map(({ verb }) => verb)).toEqual(["scrub.start", "scrub.start"]);
});

test("one round at a time", async () => {
  await using s = await stage();
  const asked = await Promise.all([s.ask("POST", "/scrub", {}), s.ask("POST", "/scrub", {})]);
  expect(asked).toMatchObject([{ running: true }, { code: "busy" }]);
});

test("only who may configure the house begins a round", async () => {
  await using s = await stage();
  const { token } = s.house.ulf;
  const refused = await s.house.ask("POST", "/api/v1/scrub", { token, body: {} });
  expect(refused.status).toBe(403);
});
