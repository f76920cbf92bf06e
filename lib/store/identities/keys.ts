import { lossyText, utf8 } from "../../base/bytes.ts";
import type { Entropy } from "../../base/entropy.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, type UnixMs } from "../../base/time.ts";
import type { AccessKey, Actor, User } from "../../rules/identity.ts";
import type { KeyRow, KeyTable } from "./key-table.ts";
import type { Room } from "./room.ts";
import type { UserTable } from "./user-table.ts";
import { toUser } from "./users.ts";

const keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const purpose = (key: string): string => `s3:${key}`;

/** "AKIA" and 16 of A–Z, 2–7: what S3's own look like, 80 random bits. */
const newKeyId = (entropy: Entropy): string =>
  `AKIA${[...entropy(16)].map((byte) => keyAlphabet[byte & 31]).join("")}`;
/** 40 characters of base64, 240 random bits. */
const newSecret = (entropy: Entropy): string => entropy(30).toBase64();

const noKey = (): Result<never> => fail("not-found", "there is no such access key");

export async function addKey(
  room: Room,
  users: UserTable,
  keys: KeyTable,
  by: Actor,
  user: string,
  expiresAt: UnixMs | undefined,
  pair: { id: string; secret: string } | undefined,
): Promise<Result<{ key: AccessKey; secret: string }>> {
  const id = pair?.id ?? newKeyId(room.entropy);
  const secret = pair?.secret ?? newSecret(room.entropy);
  if (!/^[A-Za-z0-9]{3,128}$/.test(id)) {
    return fail("bad-name", "an access key's id has 3 to 128 letters and digits", { where: id });
  }
  if (secret.length < 8 || secret.length > 128) return fail("invalid", "a secret has 8 to 128 characters");
  const at = room.clock.wall();
  const row: KeyRow = {
    id,
    user,
    secret: room.seal.close(utf8(secret), purpose(id)),
    disabled: 0,
    expires_at: expiresAt ?? null,
    created_at: at,
  };
  const added = await room.writer.write((): Result<{ key: AccessKey; secret: string }> => {
    const owner = users.get(user);
    if (!owner) return fail("not-found", "there is no such user");
    if (keys.key(id)) return fail("exists", "the access key exists already", { where: id });
    keys.addKey(row);
    room.changed(by, at, "key.added", owner.tenant, id);
    return ok({ key: toKey(row), secret });
  });
  room.cache.forget();
  return added;
}

export interface Owned {
  readonly key: AccessKey;
  readonly secret: string;
  readonly user: User;
}

export function keyOwner(room: Room, users: UserTable, keys: KeyTable, id: string): Result<Owned> {
  const found = room.cache.get(`key:${id}`, (): Owned | undefined => {
    const row = keys.key(id);
    const user = row && users.get(row.user);
    const secret = row && room.seal.open(row.secret, purpose(id));
    return row && user && secret && { key: toKey(row), secret: lossyText(secret), user: toUser(user) };
  });
  return found ? ok(found) : noKey();
}

export async function removeKey(
  room: Room,
  users: UserTable,
  keys: KeyTable,
  by: Actor,
  id: string,
): Promise<Result<void>> {
  const at = room.clock.wall();
  const removed = await room.writer.write((): Result<void> => {
    const row = keys.key(id);
    if (!row) return noKey();
    keys.removeKey(id);
    room.changed(by, at, "key.removed", users.get(row.user)?.tenant ?? "", id);
    return ok();
  });
  room.cache.forget();
  return removed;
}

export const toKey = (row: KeyRow): AccessKey => ({
  id: row.id,
  user: row.user,
  disabled: row.disabled === 1,
  expiresAt: row.expires_at === null ? undefined : asUnixMs(row.expires_at),
  createdAt: asUnixMs(row.created_at),
});
