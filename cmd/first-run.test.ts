import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../lib/base/result.ts";
import { systemClock } from "../lib/host/clock.ts";
import { systemEntropy } from "../lib/host/entropy.ts";
import { openStore } from "../lib/store/open.ts";
import { silentLog } from "../lib/watch/log.ts";
import { firstRun, firstRunFile } from "./first-run.ts";

const root = await mkdtemp(join(tmpdir(), "holdfast-first-run-"));
afterAll(() => rm(root, { recursive: true, force: true }));

const clock = systemClock();
const entropy = systemEntropy();
const house = async () => ({ data: await mkdtemp(join(root, "data-")), clock, entropy, log: silentLog });

test("the first start makes an administrator who can come in by every door", async () => {
  const needs = await house();
  const made = must(await firstRun(needs));
  expect(made.password).toMatch(/^(?:[0-9a-z]{5}-){3}[0-9a-z]{5}$/);
  expect((await stat(firstRunFile(needs.data))).mode & 0o777).toBe(0o600);
  await using store = await openStore(needs.data, needs);
  const { identities, objects } = store;
  const user = must(await identities.checkPassword("main", made.user, made.password));
  expect(user).toMatchObject({ role: "admin", home: { bucket: "home", prefix: "" } });
  expect(must(await identities.keyOwner(made.accessKeyId)).secret).toBe(made.secretAccessKey);
  expect(must(await identities.tokenOwner(made.token)).id).toBe(user.id);
  expect(must(await objects.bucket("home")).owner).toBe(user.id);
});

test("the second start gives the same, and several at once agree", async () => {
  const needs = await house();
  const all = await Promise.all([firstRun(needs), firstRun(needs), firstRun(needs)]);
  const [first] = all.map(must);
  expect(all.map(must)).toEqual([first!, first!, first!]);
  expect(must(await firstRun(needs))).toEqual(first!);
});

test("a start that was cut short is finished with the same credentials", async () => {
  const needs = await house();
  const made = must(await firstRun(needs));
  await writeFile(firstRunFile(needs.data), JSON.stringify({ ...made, token: "" }));
  const again = must(await firstRun(needs));
  expect({ ...again, token: "" }).toEqual({ ...made, token: "" });
  await using store = await openStore(needs.data, needs);
  expect((await store.identities.tokenOwner(again.token)).ok).toBe(true);
  expect((await store.identities.tokenOwner(made.token)).ok).toBe(false);
});

test("a removed file is not made again", async () => {
  const needs = await house();
  must(await firstRun(needs));
  await rm(firstRunFile(needs.data));
  expect(must(await firstRun(needs))).toMatchObject({ user: "admin", password: "", token: "" });
  expect(await Bun.file(firstRunFile(needs.data)).exists()).toBe(false);
});

test("a file that cannot be read is told, and left alone", async () => {
  const needs = await house();
  await writeFile(firstRunFile(needs.data), "{");
  expect(await firstRun(needs)).toMatchObject({ ok: false, fault: { code: "damaged" } });
  expect(await readFile(firstRunFile(needs.data), "utf8")).toBe("{");
});
