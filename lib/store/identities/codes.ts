import type { Entropy } from "../../base/entropy.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { UnixMs } from "../../base/time.ts";
import { base32, totpStep, totpUri } from "../../crypto/totp.ts";
import type { Actor } from "../../rules/identity.ts";
import type { CodeSeed } from "../identities.ts";
import type { Room } from "./room.ts";
import type { UserTable } from "./user-table.ts";

/** RFC 4226 §4: 160 bits. */
const seedBytes = 20;
const mostUsers = 10_000;
const purpose = (user: string): string => `totp:${user}`;

/** Each code counts once in this process. */
export class UsedCodes {
  readonly #steps = new Map<string, number>();

  /** Whether the code is right and new. */
  take(user: string, seed: Uint8Array, code: string, at: UnixMs): boolean {
    const step = totpStep(seed, code, at);
    if (step === undefined || step <= (this.#steps.get(user) ?? 0)) return false;
    if (this.#steps.size >= mostUsers) this.#steps.clear();
    this.#steps.set(user, step);
    return true;
  }
}

export const newSeed = (entropy: Entropy): Uint8Array => entropy(seedBytes);

export const seedShown = (seed: Uint8Array, name: string): CodeSeed => ({
  secret: base32(seed),
  uri: totpUri(seed, name),
});

export const needsCode = (users: UserTable, user: string): boolean =>
  users.credential(user, "totp") !== undefined;

export function checkCode(
  room: Room,
  users: UserTable,
  used: UsedCodes,
  user: string,
  code: string,
): boolean {
  const sealed = users.credential(user, "totp");
  const seed = sealed && room.seal.open(sealed, purpose(user));
  return seed ? used.take(user, seed, code, room.clock.wall()) : false;
}

export async function addCode(
  room: Room,
  users: UserTable,
  by: Actor,
  user: string,
): Promise<Result<CodeSeed>> {
  const at = room.clock.wall();
  const seed = newSeed(room.entropy);
  const sealed = room.seal.close(seed, purpose(user));
  return await room.writer.write((): Result<CodeSeed> => {
    const row = users.get(user);
    if (!row) return noUser();
    users.setCredential(user, "totp", sealed, at);
    room.changed(by, at, "user.changed", row.tenant, row.name);
    return ok(seedShown(seed, row.name));
  });
}

export async function removeCode(
  room: Room,
  users: UserTable,
  by: Actor,
  user: string,
): Promise<Result<void>> {
  const at = room.clock.wall();
  return await room.writer.write((): Result<void> => {
    const row = users.get(user);
    if (!row) return noUser();
    users.removeCredential(user, "totp");
    room.changed(by, at, "user.changed", row.tenant, row.name);
    return ok();
  });
}

const noUser = (): Result<never> => fail("not-found", "there is no such user");
