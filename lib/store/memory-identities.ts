import type { Entropy } from "../base/entropy.ts";
import { idMaker, randomText } from "../base/ids.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { utf8 } from "../base/bytes.ts";
import type { Grant } from "../rules/access.ts";
import {
  isUserName,
  keyRefusal,
  signInRefusal,
  type AccessKey,
  type ApiToken,
  type Tenant,
  type User,
} from "../rules/identity.ts";
import { newSeed, seedShown, UsedCodes } from "./identities/codes.ts";
import type { Page } from "./content.ts";
import type { Identities, UserChange } from "./identities.ts";

interface KeptUser {
  user: User;
  password: string;
}

/** Identities that live as long as the process, with passwords as they are: for tests and trials alone. */
export function memoryIdentities(
  clock: Clock,
  entropy: Entropy,
  tenants: readonly Tenant[] = [{ id: "main", name: "main" }],
): Identities {
  const newId = idMaker(() => clock.wall(), entropy);
  const people = new Map<string, KeptUser>();
  const named = (tenant: string, name: string): KeptUser | undefined =>
    [...people.values()].find(({ user }) => user.tenant === tenant && user.name === name);
  const keys = keyRing(clock, entropy, people);
  const tokens = tokenRing(clock, entropy, people);

  return {
    ...grantList(newId),
    ...keys.port,
    ...tokens.port,
    ...codeList(clock, entropy, people),
    tenants: async () => tenants,
    async addUser(_by, { password, ...rest }) {
      if (!isUserName(rest.name))
        return fail("bad-name", "the user name is not allowed", { where: rest.name });
      if (named(rest.tenant, rest.name)) return fail("exists", "the user exists", { where: rest.name });
      if (!isPassword(password)) return passwordRefused;
      const user: User = { ...rest, id: newId(), disabled: false, createdAt: clock.wall() };
      people.set(user.id, { user, password });
      return ok(user);
    },
    user: async (id) => found(people.get(id)?.user),
    userNamed: async (tenant, name) => found(named(tenant, name)?.user),
    users: async (tenant, after, limit) =>
      page(
        [...people.values()].map(({ user }) => user).filter((user) => user.tenant === tenant),
        after,
        limit,
      ),
    async changeUser(_by, id, change) {
      const kept = people.get(id);
      if (!kept) return noUser;
      if (change.password !== undefined && !isPassword(change.password)) return passwordRefused;
      kept.password = change.password ?? kept.password;
      kept.user = changed(kept.user, change);
      return ok(kept.user);
    },
    removeUser: async (_by, id) => {
      const removed = removeUser(people, id);
      if (removed.ok) for (const ring of [keys, tokens]) ring.forget(id);
      return removed;
    },
    async checkPassword(tenant, name, password) {
      const kept = named(tenant, name);
      return kept && kept.password === password && !signInRefusal(kept.user, clock.wall())
        ? ok(kept.user)
        : fail("unauthenticated", "the user or the password is wrong");
    },
    ntHash: async () => fail("not-found", "no NT hash is kept in memory"),
  };
}

const noUser = fail("not-found", "no such user");
const passwordRefused = fail("invalid", "a password has 1 to 256 bytes");
const found = (user: User | undefined): Result<User> => (user ? ok(user) : noUser);
const isPassword = (text: string): boolean => text !== "" && utf8(text).length <= 256;

function removeUser(people: Map<string, KeptUser>, id: string): Result<void> {
  const user = people.get(id)?.user;
  if (!user) return noUser;
  const others = [...people.values()].filter((kept) => kept.user.id !== id);
  if (user.role === "admin" && !others.some((kept) => kept.user.role === "admin"))
    return fail("conflict", "this is the last administrator", { where: user.name });
  people.delete(id);
  return ok();
}

function page(users: User[], after: string, limit: number): Page<User> {
  const sorted = users.filter((user) => user.name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.slice(0, limit);
  return { rows, next: sorted.length > limit ? rows.at(-1)?.name : undefined };
}

function changed(user: User, change: UserChange): User {
  return {
    ...user,
    role: change.role ?? user.role,
    groups: change.groups ?? user.groups,
    home: change.home === undefined ? user.home : (change.home ?? undefined),
    disabled: change.disabled ?? user.disabled,
    expiresAt: change.expiresAt === undefined ? user.expiresAt : (change.expiresAt ?? undefined),
  };
}

type GrantPort = Pick<Identities, "grants" | "addGrant" | "removeGrant">;

function grantList(newId: () => string): GrantPort {
  const grants: Grant[] = [];
  return {
    grants: async (tenant) => grants.filter((grant) => grant.tenant === tenant),
    async addGrant(_by, grant) {
      const made = { ...grant, id: newId() };
      grants.push(made);
      return ok(made);
    },
    async removeGrant(_by, id) {
      const at = grants.findIndex((grant) => grant.id === id);
      if (at < 0) return fail("not-found", "no such grant", { where: id });
      grants.splice(at, 1);
      return ok();
    },
  };
}

type KeyPort = Pick<Identities, "addKey" | "keyOwner" | "keys" | "removeKey">;

function keyRing(
  clock: Clock,
  entropy: Entropy,
  people: ReadonlyMap<string, KeptUser>,
): { port: KeyPort; forget(user: string): void } {
  const ring = new Map<string, { key: AccessKey; secret: string }>();
  const port: KeyPort = {
    async addKey(_by, user, expiresAt, pair) {
      if (!people.has(user)) return noUser;
      const id = pair?.id ?? `AKIA${randomText(entropy, 16).toUpperCase()}`;
      if (ring.has(id)) return fail("exists", "the access key exists", { where: id });
      const key: AccessKey = { id, user, disabled: false, expiresAt, createdAt: clock.wall() };
      const kept = { key, secret: pair?.secret ?? randomText(entropy, 40) };
      ring.set(id, kept);
      return ok(kept);
    },
    async keyOwner(id) {
      const kept = ring.get(id);
      const user = kept && people.get(kept.key.user)?.user;
      if (!kept || !user || keyRefusal(kept.key, clock.wall()) || signInRefusal(user, clock.wall()))
        return fail("not-found", "no such access key");
      return ok({ ...kept, user });
    },
    keys: async (user) => [...ring.values()].map(({ key }) => key).filter((key) => key.user === user),
    removeKey: async (_by, id) =>
      ring.delete(id) ? ok() : fail("not-found", "no such access key", { where: id }),
  };
  return { port, forget: (user) => forget(ring, ({ key }) => key.user === user) };
}

type TokenPort = Pick<Identities, "addToken" | "tokenOwner" | "tokens" | "removeToken">;

function tokenRing(
  clock: Clock,
  entropy: Entropy,
  people: ReadonlyMap<string, KeptUser>,
): { port: TokenPort; forget(user: string): void } {
  const newId = idMaker(() => clock.wall(), entropy);
  const ring = new Map<string, { token: ApiToken; text: string }>();
  const port: TokenPort = {
    async addToken(_by, user, label, expiresAt) {
      if (!people.has(user)) return noUser;
      const token: ApiToken = { id: newId(), user, label, expiresAt, createdAt: clock.wall() };
      const kept = { token, text: `hf_live_${token.id}_${randomText(entropy, 32)}` };
      ring.set(token.id, kept);
      return ok(kept);
    },
    async tokenOwner(text) {
      const kept = [...ring.values()].find((one) => one.text === text);
      const user = kept && people.get(kept.token.user)?.user;
      const expired = kept?.token.expiresAt !== undefined && clock.wall() >= kept.token.expiresAt;
      return user && !expired && !signInRefusal(user, clock.wall())
        ? ok(user)
        : fail("unauthenticated", "the token is not valid");
    },
    tokens: async (user) =>
      [...ring.values()].map(({ token }) => token).filter((token) => token.user === user),
    removeToken: async (_by, id) =>
      ring.delete(id) ? ok() : fail("not-found", "no such token", { where: id }),
  };
  return { port, forget: (user) => forget(ring, ({ token }) => token.user === user) };
}

function forget<T>(ring: Map<string, T>, which: (kept: T) => boolean): void {
  for (const [id, kept] of ring) if (which(kept)) ring.delete(id);
}

function codeList(
  clock: Clock,
  entropy: Entropy,
  people: ReadonlyMap<string, KeptUser>,
): Pick<Identities, "needsCode" | "checkCode" | "addCode" | "removeCode"> {
  const usedCodes = new UsedCodes();
  const seeds = new Map<string, Uint8Array>();
  return {
    needsCode: async (user) => seeds.has(user),
    async checkCode(user, code) {
      const seed = seeds.get(user);
      return seed !== undefined && usedCodes.take(user, seed, code, clock.wall());
    },
    async addCode(_by, user) {
      const kept = people.get(user);
      if (!kept) return fail("not-found", "there is no such user");
      const seed = newSeed(entropy);
      seeds.set(user, seed);
      return ok(seedShown(seed, kept.user.name));
    },
    async removeCode(_by, user) {
      seeds.delete(user);
      return people.has(user) ? ok() : fail("not-found", "there is no such user");
    },
  };
}
