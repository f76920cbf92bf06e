import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../lib/base/result.ts";
import { systemClock } from "../lib/host/clock.ts";
import { systemEntropy } from "../lib/host/entropy.ts";
import { openAuditLog } from "../lib/store/audit-log.ts";
import { openStore } from "../lib/store/open.ts";
import { silentLog } from "../lib/watch/log.ts";
import { metricsRegistry } from "../lib/watch/metrics-registry.ts";
import { serveAdmin } from "./admin.ts";
import { provision } from "./first-run.ts";
import { findHouse } from "./house-client.ts";
import { askDoor, ownerDoors } from "./owner-door.ts";

const data = await mkdtemp(join(tmpdir(), "holdfast-admin-"));
const clock = systemClock();
const entropy = systemEntropy();
const needs = { data, clock, entropy, log: silentLog };
const store = await openStore(data, needs);
const audit = must(await openAuditLog(data, "s3d", needs));
const credentials = must(await provision(store, needs));
afterAll(async () => {
  await audit[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await rm(data, { recursive: true, force: true });
});

const house = {
  ...needs,
  metrics: metricsRegistry(),
  config: { admin: { listen: { host: "127.0.0.1", port: 0 } } } as never,
  configuration: {
    running: () => ({}),
    origins: never,
    settings: () => [],
    check: never,
    change: never,
    reload: never,
  },
};
function never(): never {
  throw new Error("not asked here");
}
const parts = { daemon: "s3d" as const, store, audit, listening: () => ({}) };
const socket = join(data, "run/s3d.sock");

test("over TLS a token is asked for; over the socket the owner is the house", async () => {
  await using server = must(await serveAdmin(house, parts));
  const ca = await readFile(join(data, "ca/house-ca.crt"), "utf8");
  const url = `https://localhost:${server.endpoint.port}/api/v1/status`;
  const tls = { ca };
  expect((await fetch(url, { tls })).status).toBe(401);
  const headers = { authorization: `Bearer ${credentials.token}` };
  expect(await (await fetch(url, { tls, headers })).json()).toMatchObject({ service: "s3d", ready: true });
  const local = await fetch("http://house/api/v1/me", { unix: socket });
  expect(await local.json()).toMatchObject({ kind: "house" });
  expect((await stat(socket)).mode & 0o777).toBe(0o600);
  expect((await stat(join(data, "run"))).mode & 0o777).toBe(0o700);
});

test("a second daemon of the same name is refused, and leaves the first alone", async () => {
  await using _first = must(await serveAdmin(house, parts));
  expect(await serveAdmin(house, parts)).toMatchObject({
    ok: false,
    fault: { code: "busy", what: "another holdfast-s3d runs on this data directory" },
  });
  expect((await fetch("http://house/healthz", { unix: socket })).status).toBe(200);
});

test("a socket that a killed daemon left is taken over, and gone at the end", async () => {
  await writeFile(socket, "left behind");
  {
    await using _server = must(await serveAdmin(house, parts));
    expect((await fetch("http://house/healthz", { unix: socket })).status).toBe(200);
  }
  expect(existsSync(socket)).toBe(false);
});

test("where a socket cannot be, the owner comes through a port with a key from a file", async () => {
  const deep = join(data, "d".repeat(100));
  await using _server = must(await serveAdmin({ ...house, data: deep }, parts));
  const [door] = ownerDoors(deep);
  expect(door).toEqual({ name: "s3d", path: join(deep, "run/s3d.door") });
  expect((await stat(door!.path)).mode & 0o777).toBe(0o600);
  expect(await (await askDoor(door!, "/api/v1/me", {})).json()).toMatchObject({ kind: "house" });
  const { port, key } = (await Bun.file(door!.path).json()) as { port: number; key: string };
  const url = `http://127.0.0.1:${port}/api/v1/me`;
  for (const wrong of [undefined, "", key.slice(1), `${key}x`, key.toLowerCase()]) {
    const headers = wrong === undefined ? {} : { "x-holdfast-door": wrong };
    expect((await fetch(url, { headers })).status).toBe(403);
  }
});

test("a door that a killed daemon left is no house", async () => {
  const left = join(data, "left");
  await mkdir(join(left, "run"), { recursive: true });
  await writeFile(join(left, "run/s3d.door"), JSON.stringify({ port: 1, key: "old" }));
  expect(await findHouse(left)).toMatchObject({ ok: false, fault: { code: "unavailable" } });
});
