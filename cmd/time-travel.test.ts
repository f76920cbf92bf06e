import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pastPanel } from "../lib/admin/past-panel.ts";
import { trialHouse } from "../lib/admin/trial-house.ts";
import { seededEntropy } from "../lib/base/entropy.ts";
import { must } from "../lib/base/result.ts";
import { handClock } from "../lib/base/time.ts";
import { houseActor } from "../lib/rules/identity.ts";
import { openStore } from "../lib/store/open.ts";
import { silentLog } from "../lib/watch/log.ts";
import { pastFor } from "./admin-app.ts";

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

/** The API over a store on disk; the bucket is ada's. */
async function stage() {
  const data = await mkdtemp(join(tmpdir(), "holdfast-past-"));
  const clock = handClock(1_700_000_000_000);
  const store = await openStore(data, { clock, entropy: seededEntropy(3), log: silentLog });
  const bare = await trialHouse();
  const owner = bare.ada.user.id;
  must(await store.objects.createBucket(houseActor, { name: "ada-bucket", tenant: "main", owner }));
  const parts = { ...store, identities: bare.identities };
  const house = await trialHouse([
    pastPanel({
      timeTravel: store.timeTravel,
      pastFor: (by, bucket, moment) => pastFor(parts, by, clock, bucket, moment),
    }),
  ]);
  const put = async (key: string, text: string) => {
    async function* chunks() {
      yield await Promise.resolve(Buffer.from(text));
    }
    const name = { bucket: "ada-bucket", key };
    must(await store.objects.put(houseActor, name, { size: text.length, chunks: chunks() }, newObject));
  };
  const ask = (method: string, path: string, body?: unknown) =>
    house.ask(method, `/api/v1/buckets/ada-bucket${path}`, { local: true, body });
  const keys = async (query: string): Promise<string[]> => {
    const page = (await (await ask("GET", `/past/objects?${query}`)).json()) as { rows: { key: string }[] };
    return page.rows.map(({ key }) => key);
  };
  return {
    clock,
    house,
    put,
    ask,
    keys,
    remove: async (key: string) =>
      must(await store.objects.remove(houseActor, { bucket: "ada-bucket", key }, undefined)),
    now: async (key: string) => (await store.objects.head({ bucket: "ada-bucket", key })).ok,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

test("a snapshot is made, looked at, restored and forgotten", async () => {
  await using s = await stage();
  await s.put("plan", "first");
  expect((await s.ask("POST", "/snapshots", { name: "one" })).status).toBe(201);
  expect((await s.ask("POST", "/snapshots", { name: "one" })).status).toBe(409);
  await s.put("plan", "second");
  await s.put("new", "x");
  expect(await s.keys("snapshot=one")).toEqual(["plan"]);
  const old = await s.ask("GET", "/past/object?snapshot=one&key=plan");
  expect(await old.text()).toBe("first");
  expect((await s.ask("GET", "/past/object?snapshot=one&key=new")).status).toBe(404);
  const restored = await s.ask("POST", "/past/restore", { snapshot: "one" });
  expect(await restored.json()).toEqual({ restored: 1, removed: 1 });
  expect(await s.now("new")).toBe(false);
  expect(await (await s.ask("GET", "/snapshots")).json()).toMatchObject({ rows: [{ name: "one" }] });
  expect((await s.ask("DELETE", "/snapshots/one")).status).toBe(204);
  expect((await s.ask("GET", "/past/objects?snapshot=one")).status).toBe(404);
  const told = s.house.told.map(({ verb, outcome }) => `${verb} ${outcome}`);
  expect(told).toEqual([
    "snapshot.add ok",
    "snapshot.add exists",
    "snapshot.restore ok",
    "snapshot.remove ok",
  ]);
});

test("a moment is a snapshot or a time, and not both", async () => {
  await using s = await stage();
  await s.put("a", "1");
  s.clock.advance(60_000);
  const at = new Date(s.clock.wall()).toISOString();
  s.clock.advance(60_000);
  await s.put("b", "2");
  expect(await s.keys(`at=${at}`)).toEqual(["a"]);
  for (const query of ["", `at=${at}&snapshot=x`, "at=yesterday"]) {
    expect((await s.ask("GET", `/past/objects?${query}`)).status).toBe(422);
  }
});

test("who may not read the bucket does not read its past", async () => {
  await using s = await stage();
  await s.put("a", "1");
  await s.ask("POST", "/snapshots", { name: "one" });
  const { token } = s.house.ulf;
  const path = "/api/v1/buckets/ada-bucket";
  const tries: [method: string, path: string, body?: unknown][] = [
    ["GET", "/snapshots"],
    ["GET", "/past/objects?snapshot=one"],
    ["GET", "/past/object?snapshot=one&key=a"],
    ["POST", "/past/restore", { snapshot: "one" }],
    ["DELETE", "/snapshots/one"],
  ];
  for (const [method, what, body] of tries) {
    expect((await s.house.ask(method, `${path}${what}`, { token, body })).status).toBe(403);
  }
});
