import { expect, test } from "bun:test";
import { trialHouse } from "./trial-house.ts";

const json = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown> & { rows: Record<string, unknown>[] };

test("a password becomes a token, and signing out ends it", async () => {
  const house = await trialHouse();
  const body = { user: "ada", password: "ada's password" };
  const signedIn = await house.ask("POST", "/api/v1/sign-in", { body });
  expect(signedIn.status).toBe(201);
  const { token } = (await json(signedIn)) as unknown as { token: string };
  expect(house.told.at(-1)).toMatchObject({
    verb: "sign-in",
    actor: { principal: { user: { name: "ada" } } },
  });
  expect(await json(house.ask("GET", "/api/v1/me", { token }))).toMatchObject({ user: { name: "ada" } });
  expect((await house.ask("DELETE", "/api/v1/sign-in", { token })).status).toBe(204);
  expect((await house.ask("GET", "/api/v1/me", { token })).status).toBe(401);
});

test("guessing passwords is slowed, by name and by address, and time forgives", async () => {
  const house = await trialHouse();
  const guess = async (user: string, password: string, address: string) =>
    (await house.ask("POST", "/api/v1/sign-in", { body: { user, password }, address })).status;
  for (let i = 0; i < 5; i++) expect(await guess("ada", `guess ${i}`, `192.0.2.${i}`)).toBe(401);
  expect(await guess("ada", "ada's password", "192.0.2.77")).toBe(429);
  const body = { user: "ada", password: "x" };
  const told = await house.ask("POST", "/api/v1/sign-in", { body });
  expect(told.headers.get("retry-after")).toBe("60");
  for (let i = 0; i < 5; i++) expect(await guess(`u${i}`, "guess", "198.51.100.1")).toBe(401);
  expect(await guess("ulf", "ulf's password", "198.51.100.1")).toBe(429);
  house.clock.advance(61_000);
  expect(await guess("ada", "ada's password", "192.0.2.77")).toBe(201);
});

test("users are added, paged, changed on a fresh ETag and removed", async () => {
  const house = await trialHouse();
  const local = true;
  for (const name of ["bea", "cem", "dag"])
    await house.ask("POST", "/api/v1/users", { local, body: { name, password: "secret" } });
  const names: unknown[] = [];
  let path: string | undefined = "/api/v1/users?limit=2";
  while (path) {
    const page = await house.ask("GET", path, { local });
    names.push(...(await json(page)).rows.map(({ name }) => name));
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  expect(names).toEqual(["ada", "bea", "cem", "dag", "ulf"]);

  const read = await house.ask("GET", "/api/v1/users/bea", { local });
  const etag = read.headers.get("etag")!;
  const patch = (headers: Record<string, string>) =>
    house.ask("PATCH", "/api/v1/users/bea", { local, headers, body: { disabled: true } });
  expect((await patch({})).status).toBe(428);
  expect((await patch({ "if-match": '"stale"' })).status).toBe(412);
  const changed = await patch({ "if-match": etag });
  expect(await json(changed)).toMatchObject({ name: "bea", disabled: true });
  expect((await patch({ "if-match": etag })).status).toBe(412);
  const again = await house.ask("GET", "/api/v1/users/bea", {
    local,
    headers: { "if-none-match": changed.headers.get("etag")! },
  });
  expect(again.status).toBe(304);

  expect((await house.ask("DELETE", "/api/v1/users/bea", { local })).status).toBe(204);
  expect((await house.ask("GET", "/api/v1/users/bea", { local })).status).toBe(404);
  expect((await house.ask("DELETE", "/api/v1/users/ada", { local })).status).toBe(409);
});

test("keys and tokens belong to the user the path names", async () => {
  const house = await trialHouse();
  const local = true;
  const key = await json(house.ask("POST", "/api/v1/users/ulf/keys", { local, body: {} }));
  expect(key["secret"]).toBeString();
  const listed = await json(house.ask("GET", "/api/v1/users/ulf/keys", { local }));
  expect(JSON.stringify(listed)).not.toContain(String(key["secret"]));
  expect((await house.ask("DELETE", `/api/v1/users/ada/keys/${String(key["id"])}`, { local })).status).toBe(
    404,
  );
  expect((await house.ask("DELETE", `/api/v1/users/ulf/keys/${String(key["id"])}`, { local })).status).toBe(
    204,
  );

  const body = { label: "backup", expiresAt: new Date(house.clock.wall() + 1000).toISOString() };
  const token = await json(house.ask("POST", "/api/v1/users/ulf/tokens", { local, body }));
  expect((await house.ask("GET", "/api/v1/me", { token: String(token["token"]) })).status).toBe(200);
  house.clock.advance(1000);
  expect((await house.ask("GET", "/api/v1/me", { token: String(token["token"]) })).status).toBe(401);
  const past = { label: "late", expiresAt: "2001-01-01T00:00:00Z" };
  expect((await house.ask("POST", "/api/v1/users/ulf/tokens", { local, body: past })).status).toBe(422);
});

test("a grant opens a door, a deny shuts it, and why tells the chain", async () => {
  const house = await trialHouse();
  const why = async () =>
    await json(
      house.ask("GET", "/api/v1/why?user=ulf&verb=object.read&path=ada-bucket/a/b", { local: true }),
    );
  expect(await why()).toMatchObject({ allowed: false });
  const grant = { who: { user: "ulf" }, verbs: ["object.read"], bucket: "ada-bucket", prefix: "a/" };
  const made = await json(house.ask("POST", "/api/v1/grants", { local: true, body: grant }));
  expect(await why()).toMatchObject({ allowed: true });
  const deny = { effect: "deny", who: { everyone: true }, verbs: ["object.read"] };
  await house.ask("POST", "/api/v1/grants", { local: true, body: deny });
  const told = await why();
  expect(told["allowed"]).toBe(false);
  expect(String(told["chain"])).toContain("denies it");
  expect((await house.ask("DELETE", `/api/v1/grants/${String(made["id"])}`, { local: true })).status).toBe(
    204,
  );
});

test("owners see and configure their bucket, strangers cannot tell it from none", async () => {
  const house = await trialHouse();
  const { token } = house.ulf;
  const seen = await json(house.ask("GET", "/api/v1/buckets/ulf-bucket", { token }));
  expect(seen).toMatchObject({ owner: "ulf", usage: { bytes: 0, objects: 0 }, quota: { bytes: null } });
  const patch = { quota: { bytes: 1000 }, versioning: "enabled" };
  const changed = await json(house.ask("PATCH", "/api/v1/buckets/ulf-bucket", { token, body: patch }));
  expect(changed).toMatchObject({ quota: { bytes: 1000, objects: null }, versioning: "enabled" });
  expect((await house.ask("GET", "/api/v1/buckets/ada-bucket", { token })).status).toBe(403);
  expect((await house.ask("GET", "/api/v1/buckets/no-bucket", { token })).status).toBe(403);
  expect((await house.ask("GET", "/api/v1/buckets/no-bucket", { token: house.ada.token })).status).toBe(404);
  expect((await house.ask("DELETE", "/api/v1/buckets/ulf-bucket", { token })).status).toBe(204);
});

test("events come by page, and only one's own tenant's", async () => {
  const house = await trialHouse();
  for (let i = 1; i <= 5; i++) house.feed.add({ subject: `k${i}`, tenant: i === 3 ? "other" : "main" });
  const subjects: unknown[] = [];
  let path: string | undefined = "/api/v1/events?limit=2";
  while (path) {
    const page = await house.ask("GET", path, { local: true });
    subjects.push(...(await json(page)).rows.map(({ subject }) => subject));
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  expect(subjects).toEqual(["k1", "k2", "k4", "k5"]);
  const last = await json(house.ask("GET", "/api/v1/events?last=1", { local: true }));
  expect(last.rows).toMatchObject([{ subject: "k5", seq: 5 }]);
});

test("events come live, go on after Last-Event-ID, and the stream ends in time", async () => {
  const house = await trialHouse();
  for (let i = 1; i <= 3; i++) house.feed.add({ subject: `k${i}` });
  const headers = { "last-event-id": "1" };
  const answer = await house.ask("GET", "/api/v1/events/live", { token: house.ada.token, headers });
  expect(answer.headers.get("content-type")).toStartWith("text/event-stream");
  house.feed.add({ subject: "hidden", tenant: "other" });
  house.feed.add({ subject: "k5" });
  const text = await answer.text();
  expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])).toEqual(["1", "2", "3", "5"]);
  expect(text).toContain('"subject":"k5"');
  expect(text).not.toContain("hidden");
  expect(text).toContain("\n:\n");
});

test("sessions are shown and ended", async () => {
  const house = await trialHouse();
  const since = house.clock.wall();
  const row = {
    id: "s1",
    door: "ftp",
    user: "ulf",
    address: "",
    since,
    doing: "idle",
    bytesIn: 0,
    bytesOut: 0,
  };
  house.sessions.push(row);
  expect(await json(house.ask("GET", "/api/v1/sessions", { local: true }))).toMatchObject({ total: 1 });
  expect((await house.ask("DELETE", "/api/v1/sessions/s1", { local: true })).status).toBe(204);
  expect((await house.ask("DELETE", "/api/v1/sessions/s1", { local: true })).status).toBe(404);
});

test("configuration is shown without its secrets, and a text is judged", async () => {
  const house = await trialHouse();
  const shown = await house.ask("GET", "/api/v1/configuration", { local: true });
  expect(await shown.text()).not.toContain("swordfish");
  const check = async (text: string) =>
    await json(house.ask("POST", "/api/v1/configuration/check", { local: true, body: { text } }));
  expect(await check("good")).toMatchObject({ good: true });
  expect(await check("bad")).toMatchObject({ good: false, problems: [{ where: "request:1", what: "bad" }] });
});

test("the trail is read and proved", async () => {
  const house = await trialHouse();
  const page = await json(house.ask("GET", "/api/v1/audit", { local: true }));
  expect(page.rows).toMatchObject([{ verb: "sign-in" }]);
  const bad = btoa("bad");
  expect((await house.ask("GET", `/api/v1/audit?cursor=${bad}`, { local: true })).status).toBe(422);
  expect(await json(house.ask("GET", "/api/v1/audit/proof", { local: true }))).toMatchObject({ chains: [] });
});

test("a setting is changed on a fresh ETag; paths are the host's own matter", async () => {
  const house = await trialHouse();
  const at = "/api/v1/configuration/settings/ftp.idleTimeout";
  const read = await house.ask("GET", at, { token: house.ada.token });
  const headers = { "if-match": read.headers.get("etag")! };
  const put = (path: string, text: string | null, how: object) =>
    house.ask("PUT", path, { body: { text }, headers, ...how });
  const { token } = house.ada;
  expect((await put(at, "5m", { token, headers: {} })).status).toBe(428);
  expect(await json(put(at, "5m", { token }))).toMatchObject({ good: true });
  expect(await json(put(at, "soon", { token }))).toMatchObject({ good: false, problems: [{ what: "bad" }] });
  expect((await put(at, "${file:/etc/shadow}", { token })).status).toBe(403);
  const file = "/api/v1/configuration/settings/log.file";
  expect((await put(file, "5m", { token, headers: { "if-match": "*" } })).status).toBe(403);
  expect((await put(file, "5m", { local: true, headers: { "if-match": "*" } })).status).toBe(200);
  expect((await house.ask("GET", "/api/v1/configuration/settings/no.such", { token })).status).toBe(404);
});
