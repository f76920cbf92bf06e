import { expect, test } from "bun:test";
import { trialHouse, type TrialAsk } from "../trial-house.ts";
import { must } from "../../base/result.ts";
import { houseActor } from "../../rules/identity.ts";
import { html } from "./markup.ts";

const own = { host: "house.test", origin: "https://house.test" };

async function visitor(user = "ada") {
  const house = await trialHouse();
  const headers: Record<string, string> = { ...own, "content-type": "application/x-www-form-urlencoded" };
  const post = (path: string, form: Record<string, string>, more: Record<string, string> = {}) =>
    house.ask("POST", path, {
      headers: { ...headers, ...more },
      body: new URLSearchParams(form).toString(),
    });
  const get = (path: string, how: TrialAsk = {}) =>
    house.ask("GET", path, { ...how, headers: { ...headers, ...how.headers } });
  const signedIn = await post("/console/sign-in", { user, password: `${user}'s password` });
  headers["cookie"] = (signedIn.headers.get("set-cookie") ?? "").split(";")[0]!;
  return { house, get, post, signedIn };
}

const pages = [
  "/console",
  "/console/buckets",
  "/console/buckets/ada-bucket",
  "/console/buckets/ada-bucket?prefix=folder/",
  "/console/users",
  "/console/users/ulf",
  "/console/permissions?user=ulf&verb=object.read&path=ada-bucket/x",
  "/console/sessions",
  "/console/events",
  "/console/audit?prove=1",
  "/console/settings",
  "/console/settings/ftp.idleTimeout",
  "/console/you",
];

test("markup escapes what is put into it, and not itself", () => {
  const nasty = `<script>"'&`;
  expect(html`<p title="${nasty}">${[nasty, html`<b>${1}</b>`, undefined, false]}</p>`.text).toBe(
    `<p title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;<b>1</b></p>`,
  );
});

test("the session is a cookie that no script and no other site can use", async () => {
  const { signedIn } = await visitor();
  expect(signedIn.status).toBe(303);
  const cookie = signedIn.headers.get("set-cookie") ?? "";
  expect(cookie).toStartWith("__Host-holdfast=hf_live_");
  for (const flag of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"]) expect(cookie).toContain(flag);
});

test("a session that has ended does not stand in the way of the next", async () => {
  const { post, get } = await visitor();
  const stale = { cookie: "__Host-holdfast=hf_live_long_gone" };
  const page = await get("/console", { headers: stale });
  expect([page.status, page.headers.get("location")]).toEqual([303, "/console/sign-in"]);
  const again = await post("/console/sign-in", { user: "ada", password: "ada's password" }, stale);
  expect([again.status, again.headers.get("location")]).toEqual([303, "/console"]);
});

test("every page shows itself to an administrator, under a strict policy", async () => {
  const { get, house } = await visitor();
  const since = house.clock.wall();
  const at = { since, doing: "idle", bytesIn: 1, bytesOut: 2, door: "ftp", address: "" };
  house.sessions.push({ id: "s1", user: "ulf", ...at });
  for (const path of pages) {
    const page = await get(path);
    const text = await page.text();
    expect([path, page.status]).toEqual([path, 200]);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("cache-control")).toBe("no-store");
    // Nothing that the policy would refuse, and nothing from elsewhere.
    expect([path, / style=| on\w+=|<script(?! src="\/)|https?:\/\//.exec(text)?.[0]]).toEqual([
      path,
      undefined,
    ]);
  }
});

test("nobody sees a page without signing in, and a user sees what a user may", async () => {
  const house = await trialHouse();
  for (const path of pages) {
    const answer = await house.ask("GET", path);
    expect([path, answer.status, answer.headers.get("location")]).toEqual([path, 303, "/console/sign-in"]);
  }
  expect((await house.ask("GET", "/console/live")).status).toBe(401);
  const { get } = await visitor("ulf");
  expect((await get("/console/users")).status).toBe(403);
  expect((await get("/console")).status).toBe(403);
  expect((await get("/console/buckets/ulf-bucket")).status).toBe(200);
  expect((await get("/console/buckets/ada-bucket")).status).toBe(403);
});

test("a form of another site does nothing", async () => {
  const { post, house } = await visitor();
  for (const origin of [
    "https://evil.test",
    "null",
    "https://house.test.evil.test",
    "https://house.test:444",
  ]) {
    const answer = await post("/console/users", { do: "add", name: "eve", password: "secret" }, { origin });
    expect([origin, answer.status]).toEqual([origin, 403]);
    expect(
      (await post("/console/sign-in", { user: "ada", password: "ada's password" }, { origin })).status,
    ).toBe(403);
  }
  expect((await house.identities.userNamed("main", "eve")).ok).toBe(false);
});

test("forms do what they say, and tell when they cannot", async () => {
  const { post, get, house } = await visitor();
  const user = {
    do: "add",
    name: "eve",
    password: "secret",
    role: "user",
    groups: "a, b",
    home: "x-bucket/y",
  };
  const added = await post("/console/users", user);
  expect([added.status, added.headers.get("location")]).toEqual([303, "/console/users?did=added"]);
  const eve = await house.identities.userNamed("main", "eve");
  expect(eve.ok && eve.value).toMatchObject({
    groups: ["a", "b"],
    home: { bucket: "x-bucket", prefix: "y/" },
  });
  const twice = await post("/console/users", user);
  expect(twice.status).toBe(409);
  expect(await twice.text()).toContain("The user exists.");
  const key = await post("/console/users/eve", { do: "add-key" });
  expect(await key.text()).toMatch(/AKIA[0-9A-Z]{16}/);
  await post("/console/users/eve", { do: "disable" });
  expect(await (await get("/console/users/eve")).text()).toContain("disabled");
  await post("/console/buckets/ada-bucket", { do: "change", quota: "1 GiB", versioning: "enabled" });
  const bucket = await house.objects.bucket("ada-bucket");
  expect(bucket.ok && bucket.value).toMatchObject({ quota: { bytes: 2 ** 30 }, versioning: "enabled" });
  expect((await post("/console/buckets/ada-bucket", { do: "change", quota: "lots" })).status).toBe(422);
  expect((await post("/console/users", { do: "constructor" })).status).toBe(422);
  const gone = await post("/console/users/eve", { do: "remove" });
  expect(gone.headers.get("location")).toBe("/console/users?did=removed");
});

test("names that are markup are shown as they are", async () => {
  const { get, post, house } = await visitor();
  house.feed.add({ bucket: "ada-bucket", subject: "<img src=x onerror=alert(1)>" });
  await post("/console/permissions", {
    do: "add",
    who: "group:<b>",
    set: "read",
    where: "x/<i>",
    effect: "allow",
  });
  for (const path of [
    "/console",
    "/console/events",
    "/console/permissions",
    "/console?did=<u>",
    "/console/users/<u>",
  ]) {
    const text = await (await get(path)).text();
    expect([path, /<(?:img|b|i|u)\b/.exec(text)?.[0]]).toEqual([path, undefined]);
  }
});

test("signing out ends the session everywhere", async () => {
  const { post, get } = await visitor();
  const out = await post("/console/sign-out", {});
  expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
  expect((await get("/console")).headers.get("location")).toBe("/console/sign-in");
});

test("a wrong password is told, and guessing is slowed", async () => {
  const { post } = await visitor();
  const guess = async (n: number) => await post("/console/sign-in", { user: "ulf", password: `guess ${n}` });
  expect(await (await guess(0)).text()).toContain("The user or the password is wrong.");
  for (let n = 1; n < 5; n++) await guess(n);
  expect((await guess(5)).status).toBe(429);
});

test("a user finds their own page: password, keys, tokens", async () => {
  const { get, post, signedIn, house } = await visitor("ulf");
  expect(signedIn.headers.get("location")).toBe("/console/you");
  const page = await (await get("/console/you")).text();
  expect(page).toContain("<h1>ulf</h1>");
  expect(page).not.toContain("/console/users");
  const key = await (await post("/console/you", { do: "add-key" })).text();
  const id = /AKIA[0-9A-Z]{16}/.exec(key)![0];
  expect((await house.identities.keyOwner(id)).ok).toBe(true);
  await post("/console/you", { do: "remove-key", id });
  expect((await house.identities.keyOwner(id)).ok).toBe(false);
  const wrong = await post("/console/you", { do: "password", current: "guess", next: "better" });
  expect(wrong.status).toBe(403);
  const right = await post("/console/you", { do: "password", current: "ulf's password", next: "better" });
  expect(right.headers.get("location")).toBe("/console/you?did=changed");
  expect((await house.identities.checkPassword("main", "ulf", "better")).ok).toBe(true);
});

test("an object is looked at, saved, removed and brought back by hand", async () => {
  const { get, post, house } = await visitor();
  const { objects } = house;
  const name = { bucket: "ada-bucket", key: "docs/a & b.txt" };
  must(await objects.changeBucket(houseActor, name.bucket, { versioning: "enabled" }));
  const facts = { contentType: "text/plain", headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
  const chunks = (async function* () {
    yield new TextEncoder().encode("hello");
  })();
  const put = { ...facts, digests: [], expect: () => ({}), when: {} };
  const made = must(await objects.put(houseActor, name, { size: 5, chunks }, put));
  const folder = await (await get("/console/buckets/ada-bucket?prefix=docs%2F")).text();
  expect(folder).toContain("a &amp; b.txt");
  const at = `/console/buckets/ada-bucket/object?key=${encodeURIComponent(name.key)}`;
  expect(folder).toContain(at);
  expect(await (await get(at.replace("/object?", "/content?"))).text()).toBe("hello");
  const removed = await post(at, { do: "remove" });
  expect([removed.status, removed.headers.get("location")]).toEqual([303, `${at}&did=removed`]);
  const page = await (await get(at)).text();
  expect(page).toContain("It was removed");
  const back = await post(at, { do: "restore", version: made.version });
  expect(back.headers.get("location")).toBe(`${at}&did=restored`);
  expect(must(await objects.head(name)).deleteMarker).toBe(false);
});
