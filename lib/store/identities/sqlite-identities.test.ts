import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hex } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { must, type Result } from "../../base/result.ts";
import { asUnixMs, handClock } from "../../base/time.ts";
import { houseActor } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import type { Identities, NewUser } from "../identities.ts";
import { openStore } from "../open.ts";

const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);
const by = houseActor;

interface Stage extends AsyncDisposable {
  readonly data: string;
  readonly clock: ReturnType<typeof handClock>;
  open(): Promise<Identities>;
}

async function stage(): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), "holdfast-identities-"));
  const clock = handClock();
  const opened: AsyncDisposable[] = [];
  let seed = 1;
  return {
    data,
    clock,
    async open() {
      const store = await openStore(data, { clock, entropy: seededEntropy(seed++), log: silentLog });
      opened.push(store);
      return store.identities;
    },
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}

const newUser = (name: string, more: Partial<NewUser> = {}): NewUser => ({
  tenant: "main",
  name,
  role: "user",
  groups: [],
  home: undefined,
  expiresAt: undefined,
  password: `secret of ${name}`,
  ...more,
});

test("a user signs in by the password alone, and until disabled, expired or removed", async () => {
  await using s = await stage();
  const ids = await s.open();
  const alice = must(await ids.addUser(by, newUser("alice", { groups: ["staff"], role: "admin" })));
  expect(must(await ids.checkPassword("main", "alice", "secret of alice"))).toEqual(alice);
  expect(code(await ids.checkPassword("main", "alice", "secret of bob"))).toBe("unauthenticated");
  expect(code(await ids.checkPassword("main", "nobody", "secret of bob"))).toBe("unauthenticated");
  expect(code(await ids.checkPassword("main", "alice", ""))).toBe("unauthenticated");
  expect(code(await ids.addUser(by, newUser("alice")))).toBe("exists");
  expect(code(await ids.addUser(by, newUser("-x")))).toBe("bad-name");
  expect(code(await ids.addUser(by, newUser("x", { password: "" })))).toBe("invalid");

  const bob = must(await ids.addUser(by, newUser("bob")));
  must(await ids.changeUser(by, bob.id, { password: "other", expiresAt: asUnixMs(s.clock.wall() + 50) }));
  expect(code(await ids.checkPassword("main", "bob", "secret of bob"))).toBe("unauthenticated");
  expect(code(await ids.checkPassword("main", "bob", "other"))).toBe("ok");
  s.clock.advance(50);
  expect(code(await ids.checkPassword("main", "bob", "other"))).toBe("unauthenticated");
  must(await ids.changeUser(by, bob.id, { expiresAt: null, disabled: true }));
  expect(code(await ids.checkPassword("main", "bob", "other"))).toBe("unauthenticated");

  expect(code(await ids.removeUser(by, alice.id))).toBe("conflict");
  expect(code(await ids.changeUser(by, alice.id, { role: "user" }))).toBe("conflict");
  must(await ids.removeUser(by, bob.id));
  expect(code(await ids.user(bob.id))).toBe("not-found");
  expect((await ids.users("main", "", 10)).rows.map(({ name }) => name)).toEqual(["alice"]);
});

test("the NT hash is MS-NLMP's, and neither it nor a secret lies open in the catalog", async () => {
  await using s = await stage();
  const ids = await s.open();
  const user = must(await ids.addUser(by, newUser("alice", { password: "Password" })));
  const { hash } = must(await ids.ntHash("main", "alice"));
  expect(hex(hash)).toBe("a4f49c406510bdcab6824ee7c30fd852");
  const { key, secret } = must(await ids.addKey(by, user.id));
  expect(key.id).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(secret).toHaveLength(40);
  const { text } = must(await ids.addToken(by, user.id, "laptop"));
  for (const file of ["catalog.db", "catalog.db-wal"]) {
    const bytes = await readFile(join(s.data, file));
    for (const hidden of [secret, "Password", text.split("_")[3]!])
      expect(bytes.includes(hidden)).toBe(false);
    expect(bytes.includes(hash)).toBe(false);
  }
});

test("a key and a token go the moment they are removed, here and in another process's view", async () => {
  await using s = await stage();
  const [here, there] = [await s.open(), await s.open()];
  const user = must(await here.addUser(by, newUser("alice", { role: "admin" })));
  must(await here.addUser(by, newUser("root", { role: "admin" })));
  const { key, secret } = must(await here.addKey(by, user.id));
  const { token, text } = must(await here.addToken(by, user.id, "laptop"));
  s.clock.advance(1000);
  for (const ids of [here, there]) {
    expect(must(await ids.keyOwner(key.id))).toMatchObject({ secret, user: { name: "alice" } });
    expect(must(await ids.tokenOwner(text)).name).toBe("alice");
    expect(code(await ids.tokenOwner(`${text.slice(0, -1)}!`))).toBe("unauthenticated");
  }
  must(await here.changeUser(by, user.id, { disabled: true }));
  expect(must(await here.keyOwner(key.id)).user.disabled).toBe(true);
  expect(code(await here.tokenOwner(text))).toBe("unauthenticated");
  s.clock.advance(1000);
  expect(must(await there.keyOwner(key.id)).user.disabled).toBe(true);
  must(await here.removeKey(by, key.id));
  must(await here.removeToken(by, token.id));
  expect(code(await here.keyOwner(key.id))).toBe("not-found");
  s.clock.advance(1000);
  expect(code(await there.keyOwner(key.id))).toBe("not-found");
  expect(code(await there.tokenOwner(text))).toBe("unauthenticated");
});

test("grants come and go, and their verbs and names survive", async () => {
  await using s = await stage();
  const ids = await s.open();
  const grant = {
    tenant: "main",
    who: { group: "guests" },
    bucket: "*",
    prefix: "private/",
    effect: "deny" as const,
    verbs: ["object.read", "object.list"] as const,
  };
  const made = must(await ids.addGrant(by, grant));
  expect(await ids.grants("main")).toEqual([{ ...grant, id: made.id }]);
  must(await ids.removeGrant(by, made.id));
  expect(await ids.grants("main")).toEqual([]);
});
