import { expect, test } from "bun:test";
import { seededEntropy } from "../base/entropy.ts";
import { utf8 } from "../base/bytes.ts";
import { must, ok, fail, type Result } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import type { Grant, Verb } from "../rules/access.ts";
import { houseActor, type Actor, type User } from "../rules/identity.ts";
import { guardObjects } from "./guard.ts";
import type { Identities } from "./identities.ts";
import { memoryObjects } from "./memory-objects.ts";
import type { NewObject, Objects } from "./objects.ts";

const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);

const user = (id: string, more: Partial<User> = {}): User => ({
  id,
  name: id,
  tenant: "main",
  role: "user",
  groups: [],
  home: undefined,
  disabled: false,
  expiresAt: undefined,
  createdAt: handClock().wall(),
  ...more,
});

/** The part of the port that a guard asks. */
function house(users: User[], grants: Grant[]): Identities {
  return {
    user: async (id: string) => {
      const found = users.find((one) => one.id === id);
      return found ? ok(found) : fail("not-found", "there is no such user");
    },
    grants: async () => grants,
  } as Partial<Identities> as Identities;
}

const grant = (effect: "allow" | "deny", verbs: readonly Verb[], prefix: string): Grant => ({
  id: `${effect}:${prefix}`,
  tenant: "main",
  effect,
  who: { user: "ann" },
  verbs,
  bucket: "house",
  prefix,
});

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

const source = (text: string) => ({
  size: undefined,
  chunks: (async function* () {
    yield utf8(text);
  })(),
});

async function stage(grants: Grant[], users = [user("ann"), user("owner"), user("root", { role: "admin" })]) {
  const clock = handClock();
  const objects = memoryObjects({ clock, entropy: seededEntropy(7) });
  must(await objects.createBucket(houseActor, { name: "house", tenant: "main", owner: "owner" }));
  for (const key of ["a", "mine/1", "mine/secret/2", "other/3"]) {
    must(await objects.put(houseActor, { bucket: "house", key }, source(key), newObject));
  }
  const as = (id: string): Objects => {
    const who = users.find((one) => one.id === id)!;
    const actor: Actor = { ...houseActor, principal: { kind: "user", user: who } };
    return guardObjects(objects, house(users, grants), actor, clock);
  };
  return { objects, as, users, clock };
}

const at = (key: string) => ({ bucket: "house", key });
const page = { bucket: "house", after: "", limit: 100 };

/** Every method once, on what somebody without any grant must not touch. */
const attempts: Record<keyof Objects, (o: Objects) => Promise<unknown>> = {
  createBucket: (o) => o.createBucket(houseActor, { name: "mine", tenant: "main", owner: "ann" }),
  bucket: (o) => o.bucket("house"),
  buckets: async (o) => ((await o.buckets("main", "", 10)).rows.length === 0 ? fail("denied", "") : ok()),
  changeBucket: (o) => o.changeBucket(houseActor, "house", { versioning: "enabled" }),
  deleteBucket: (o) => o.deleteBucket(houseActor, "house"),
  usage: (o) => o.usage("house"),
  put: (o) => o.put(houseActor, at("a"), source("x"), newObject),
  head: (o) => o.head(at("a")),
  get: (o) => o.get(at("a")),
  remove: (o) => o.remove(houseActor, at("a")),
  copy: (o) =>
    o.copy(houseActor, {
      from: { ...at("a"), version: undefined },
      to: at("b"),
      facts: undefined,
      when: {},
      digests: [],
    }),
  move: (o) => o.move(houseActor, "house", "a", "b", { folder: false, replace: false }),
  describe: (o) => o.describe(houseActor, at("a"), undefined, { tags: { x: "y" } }),
  setLock: (o) => o.setLock(houseActor, at("a"), undefined, { legalHold: true, bypass: false }),
  list: (o) => o.list({ ...page, prefix: "", delimiter: "" }),
  listVersions: (o) => o.listVersions({ ...page, prefix: "", delimiter: "", afterVersion: "" }),
  createUpload: (o) => o.createUpload(houseActor, at("a"), { ...newObject, digestsOf: "object" }),
  upload: (o) => o.upload(at("a"), "x"),
  putPart: (o) => o.putPart(houseActor, at("a"), "x", 1, source("x"), newObject),
  parts: (o) => o.parts(at("a"), "x", 0, 10),
  completeUpload: (o) => o.completeUpload(houseActor, at("a"), "x", { parts: [], when: {}, minPartBytes: 0 }),
  abortUpload: (o) => o.abortUpload(houseActor, at("a"), "x"),
  uploads: (o) => o.uploads({ ...page, prefix: "", delimiter: "", afterId: "" }),
};

test.each(Object.entries(attempts))("%s is refused to whom nothing was granted", async (_name, attempt) => {
  const { as } = await stage([]);
  expect(await attempt(as("ann"))).toMatchObject({ ok: false, fault: { code: "denied" } });
});

test.each(Object.entries(attempts))("%s is not refused to an administrator", async (_name, attempt) => {
  const { as } = await stage([]);
  expect(code((await attempt(as("root"))) as Result<unknown>)).not.toBe("denied");
});

test("a listing shows what may be seen, and a folder that leads there", async () => {
  const { as } = await stage([
    grant("allow", ["object.list", "object.read"], "mine/"),
    grant("deny", ["object.list", "object.read"], "mine/secret/"),
  ]);
  const ann = as("ann");
  const all = must(await ann.list({ ...page, prefix: "", delimiter: "" }));
  expect(all.objects.map(({ key }) => key)).toEqual(["mine/1"]);
  const top = must(await ann.list({ ...page, prefix: "", delimiter: "/" }));
  expect(top).toMatchObject({ objects: [], prefixes: ["mine/"] });
  expect(code(await ann.list({ ...page, prefix: "other/", delimiter: "" }))).toBe("denied");
  expect(code(await ann.get(at("mine/1")))).toBe("ok");
  expect(code(await ann.get(at("mine/secret/2")))).toBe("denied");
  expect((await ann.buckets("main", "", 10)).rows.map(({ name }) => name)).toEqual(["house"]);
});

test("what is absent is told only to whom may list", async () => {
  const { as } = await stage([
    grant("allow", ["object.read"], "other/"),
    grant("allow", ["object.read", "object.list"], "mine/"),
  ]);
  expect(code(await as("ann").head(at("other/none")))).toBe("denied");
  expect(code(await as("ann").head(at("mine/none")))).toBe("not-found");
});

test("a version is asked about as a version", async () => {
  const { as } = await stage([grant("allow", ["object.read", "object.delete", "object.list"], "")]);
  expect(code(await as("ann").get(at("a"), "null"))).toBe("denied");
  expect(code(await as("ann").remove(houseActor, at("a"), "null"))).toBe("denied");
  expect(code(await as("ann").remove(houseActor, at("a")))).toBe("ok");
});

test("copying reads the source and writes the target", async () => {
  const copy = (o: Objects, from: string, to: string) =>
    o.copy(houseActor, {
      from: { ...at(from), version: undefined },
      to: at(to),
      facts: undefined,
      when: {},
      digests: [],
    });
  const { as } = await stage([
    grant("allow", ["object.read", "object.write"], "mine/"),
    grant("allow", ["object.read"], "other/"),
  ]);
  expect(code(await copy(as("ann"), "other/3", "mine/3"))).toBe("ok");
  expect(code(await copy(as("ann"), "a", "mine/a"))).toBe("denied");
  expect(code(await copy(as("ann"), "mine/1", "other/1"))).toBe("denied");
});

test("a folder moves only where every part of it may", async () => {
  const all = ["object.read", "object.delete", "object.write"] as const;
  const how = { folder: true, replace: false };
  const held = await stage([grant("allow", all, ""), grant("deny", ["object.delete"], "mine/secret/")]);
  expect(code(await held.as("ann").move(houseActor, "house", "mine/", "new/", how))).toBe("denied");
  const free = await stage([grant("allow", all, "")]);
  expect(code(await free.as("ann").move(houseActor, "house", "mine/", "new/", how))).toBe("ok");
});

test("a user who is disabled or removed in the middle of a session is refused", async () => {
  const { as, users } = await stage([]);
  const owner = as("owner");
  expect(code(await owner.get(at("a")))).toBe("ok");
  users[1] = { ...users[1]!, disabled: true };
  expect(code(await owner.get(at("a")))).toBe("denied");
  users.splice(1, 1);
  expect(code(await owner.get(at("a")))).toBe("denied");
});

test("another tenant's administrator is a stranger", async () => {
  const { as } = await stage([], [user("mallory", { tenant: "other", role: "admin" })]);
  expect(code(await as("mallory").get(at("a")))).toBe("denied");
  expect(
    code(await as("mallory").createBucket(houseActor, { name: "new", tenant: "main", owner: "x" })),
  ).toBe("denied");
});

test("the change is the guarded actor's, whoever is named", async () => {
  const { as } = await stage([grant("allow", ["object.write"], "mine/")]);
  const upload = must(
    await as("ann").createUpload(houseActor, at("mine/x"), { ...newObject, digestsOf: "object" }),
  );
  expect(upload.initiator).toBe("ann");
});
