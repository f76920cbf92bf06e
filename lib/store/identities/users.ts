import { utf8 } from "../../base/bytes.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import { ntHash } from "../../crypto/nt-hash.ts";
import { isUserName, signInRefusal, type Actor, type User } from "../../rules/identity.ts";
import type { Page } from "../content.ts";
import type { NewUser, UserChange } from "../identities.ts";
import type { Room } from "./room.ts";
import type { UserRow, UserTable } from "./user-table.ts";

const noUser = (): Result<never> => fail("not-found", "there is no such user");
const ntPurpose = (user: string): string => `nt:${user}`;

function checkPasswordLength(password: string): Result<void> {
  const size = utf8(password).length;
  return size >= 1 && size <= 256
    ? ok()
    : fail("invalid", "a password has 1 to 256 bytes", { where: "password" });
}

export async function addUser(room: Room, users: UserTable, by: Actor, ask: NewUser): Promise<Result<User>> {
  if (!isUserName(ask.name)) {
    return fail("bad-name", "a user's name has 1 to 64 letters, digits and . _ @ -", { where: ask.name });
  }
  const length = checkPasswordLength(ask.password);
  if (!length.ok) return length;
  if (room.passwords.crowded) return crowded();
  const hash = await room.passwords.hash(ask.password, room.entropy(16));
  const at = room.clock.wall();
  const { tenant, name, role, groups, home, expiresAt } = ask;
  const user: User = {
    id: room.newId(),
    tenant,
    name,
    role,
    groups,
    home,
    disabled: false,
    expiresAt,
    createdAt: at,
  };
  const nt = room.seal.close(ntHash(ask.password), ntPurpose(user.id));
  const added = await room.writer.write((): Result<User> => {
    if (!users.hasTenant(tenant)) return fail("not-found", "there is no such tenant", { where: tenant });
    if (users.named(tenant, name)) return fail("exists", "the user exists already", { where: name });
    users.insert(user);
    users.setCredential(user.id, "password", utf8(hash), at);
    users.setCredential(user.id, "nt", nt, at);
    room.changed(by, at, "user.added", tenant, name);
    return ok(user);
  });
  room.cache.forget();
  return added;
}

/** Cached: a guard asks at every step of a session. */
export function userById(room: Room, users: UserTable, id: string): Result<User> {
  const user = room.cache.get(`user:${id}`, () => {
    const row = users.get(id);
    return row && toUser(row);
  });
  return user ? ok(user) : noUser();
}

export function userNamed(users: UserTable, tenant: string, name: string): Result<User> {
  const row = users.named(tenant, name);
  return row ? ok(toUser(row)) : noUser();
}

export function userPage(users: UserTable, tenant: string, after: string, limit: number): Page<User> {
  const found = users.page(tenant, after, limit + 1).map(toUser);
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? rows.at(-1)?.name : undefined };
}

export async function changeUser(
  room: Room,
  users: UserTable,
  by: Actor,
  id: string,
  change: UserChange,
): Promise<Result<User>> {
  const { password } = change;
  if (password !== undefined) {
    const length = checkPasswordLength(password);
    if (!length.ok) return length;
    if (room.passwords.crowded) return crowded();
  }
  const hash = password === undefined ? undefined : await room.passwords.hash(password, room.entropy(16));
  const at = room.clock.wall();
  const changed = await room.writer.write((): Result<User> => {
    const row = users.get(id);
    if (!row) return noUser();
    const next = changedUser(toUser(row), change);
    const loses = next.role !== "admin" || next.disabled;
    if (loses && isLastAdmin(users, row)) {
      return fail("conflict", "this is the last administrator", { where: row.name });
    }
    users.update(next);
    if (password !== undefined && hash !== undefined) {
      users.setCredential(id, "password", utf8(hash), at);
      users.setCredential(id, "nt", room.seal.close(ntHash(password), ntPurpose(id)), at);
    }
    room.changed(by, at, "user.changed", row.tenant, row.name);
    return ok(next);
  });
  room.cache.forget();
  return changed;
}

function changedUser(user: User, change: UserChange): User {
  const { role = user.role, groups = user.groups, disabled = user.disabled } = change;
  return {
    ...user,
    role,
    groups,
    disabled,
    home: change.home === undefined ? user.home : (change.home ?? undefined),
    expiresAt: change.expiresAt === undefined ? user.expiresAt : (change.expiresAt ?? undefined),
  };
}

const isLastAdmin = (users: UserTable, row: UserRow): boolean =>
  row.role === "admin" && !row.disabled && users.activeAdmins(row.tenant) === 1;

export async function removeUser(room: Room, users: UserTable, by: Actor, id: string): Promise<Result<void>> {
  const at = room.clock.wall();
  const removed = await room.writer.write((): Result<void> => {
    const row = users.get(id);
    if (!row) return noUser();
    if (isLastAdmin(users, row))
      return fail("conflict", "this is the last administrator", { where: row.name });
    const bucket = users.ownedBucket(id);
    if (bucket !== undefined) {
      return fail("conflict", "the user owns a bucket", {
        where: bucket,
        mend: "delete the bucket, or give it to somebody else",
      });
    }
    users.remove(id);
    room.changed(by, at, "user.removed", row.tenant, row.name);
    return ok();
  });
  room.cache.forget();
  return removed;
}

const crowded = (): Result<never> =>
  fail("too-many", "too many passwords are being checked", { mend: "try again later" });
const wrong = (): Result<never> => fail("unauthenticated", "the user name or the password is wrong");

/** Takes the same time, and gives the same answer, whatever is wrong. */
export async function checkPassword(
  room: Room,
  users: UserTable,
  tenant: string,
  name: string,
  password: string,
): Promise<Result<User>> {
  if (room.passwords.crowded) return crowded();
  const row = users.named(tenant, name);
  const kept = row && users.credential(row.id, "password");
  const fits = checkPasswordLength(password).ok;
  const matches = await room.passwords.matches(fits ? password : "-", kept && Buffer.from(kept).toString());
  if (!row || !fits || !matches) return wrong();
  const user = toUser(row);
  return signInRefusal(user, room.clock.wall()) ? wrong() : ok(user);
}

export function ntHashOf(
  room: Room,
  users: UserTable,
  tenant: string,
  name: string,
): Result<{ user: User; hash: Uint8Array }> {
  const row = users.named(tenant, name);
  const sealed = row && users.credential(row.id, "nt");
  const hash = row && sealed && room.seal.open(sealed, ntPurpose(row.id));
  if (!row || !hash) return noUser();
  const user = toUser(row);
  return signInRefusal(user, room.clock.wall()) ? noUser() : ok({ user, hash });
}

export const toUser = (row: UserRow): User => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  role: row.role,
  groups: JSON.parse(row.groups) as string[],
  home: row.home_bucket === null ? undefined : { bucket: row.home_bucket, prefix: row.home_prefix ?? "" },
  disabled: row.disabled === 1,
  expiresAt: row.expires_at === null ? undefined : asUnixMs(row.expires_at),
  createdAt: asUnixMs(row.created_at),
});
