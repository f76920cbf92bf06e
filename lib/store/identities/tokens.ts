import { createHash, timingSafeEqual } from "node:crypto";
import { randomText } from "../../base/ids.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, type UnixMs } from "../../base/time.ts";
import { signInRefusal, type Actor, type ApiToken, type User } from "../../rules/identity.ts";
import type { KeyTable, TokenRow } from "./key-table.ts";
import type { Room } from "./room.ts";
import type { UserTable } from "./user-table.ts";
import { toUser } from "./users.ts";

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());
const wrong = (): Result<never> => fail("unauthenticated", "the token is unknown or has expired");
const tokenText = /^hf_live_([a-z0-9]{16})_([a-z0-9]{52})$/;

/** `hf_live_<id>_<secret>`: 80 bits to find it by, 260 to prove it. Only the secret's SHA-256 is kept. */
export async function addToken(
  room: Room,
  users: UserTable,
  keys: KeyTable,
  by: Actor,
  user: string,
  label: string,
  expiresAt: UnixMs | undefined,
): Promise<Result<{ token: ApiToken; text: string }>> {
  const id = randomText(room.entropy, 16);
  const secret = randomText(room.entropy, 52);
  const at = room.clock.wall();
  const row: TokenRow = {
    id,
    user,
    label,
    digest: sha256(secret),
    expires_at: expiresAt ?? null,
    created_at: at,
  };
  const added = await room.writer.write((): Result<{ token: ApiToken; text: string }> => {
    const owner = users.get(user);
    if (!owner) return fail("not-found", "there is no such user");
    keys.addToken(row);
    room.changed(by, at, "token.added", owner.tenant, id);
    return ok({ token: toToken(row), text: `hf_live_${id}_${secret}` });
  });
  room.cache.forget();
  return added;
}

export function tokenOwner(room: Room, users: UserTable, keys: KeyTable, text: string): Result<User> {
  const [, id, secret] = tokenText.exec(text) ?? [];
  if (id === undefined || secret === undefined) return wrong();
  const found = room.cache.get(`token:${id}`, () => {
    const row = keys.token(id);
    const user = row && users.get(row.user);
    return row && user && { row, user: toUser(user) };
  });
  if (!found || !timingSafeEqual(sha256(secret), found.row.digest)) return wrong();
  const at = room.clock.wall();
  if (found.row.expires_at !== null && at >= found.row.expires_at) return wrong();
  return signInRefusal(found.user, at) ? wrong() : ok(found.user);
}

export async function removeToken(
  room: Room,
  users: UserTable,
  keys: KeyTable,
  by: Actor,
  id: string,
): Promise<Result<void>> {
  const at = room.clock.wall();
  const removed = await room.writer.write((): Result<void> => {
    const row = keys.token(id);
    if (!row) return fail("not-found", "there is no such token");
    keys.removeToken(id);
    room.changed(by, at, "token.removed", users.get(row.user)?.tenant ?? "", id);
    return ok();
  });
  room.cache.forget();
  return removed;
}

export const toToken = (row: TokenRow): ApiToken => ({
  id: row.id,
  user: row.user,
  label: row.label,
  expiresAt: row.expires_at === null ? undefined : asUnixMs(row.expires_at),
  createdAt: asUnixMs(row.created_at),
});
