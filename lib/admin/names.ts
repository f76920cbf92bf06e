import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import { asUnixMs, type UnixMs } from "../base/time.ts";
import type { User } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import { Moment } from "./panel.ts";

/** `{user}` of a path: the name people use. */
export const UserPath = z.object({ user: z.string().min(1).max(64) });
export const BucketPath = z.object({ bucket: z.string().min(1).max(63) });
export const IdPath = z.object({ id: z.string().min(1).max(128) });

/** Until when; null and absent: for ever. */
export const Expiry = Moment.nullable().optional();

/** Faults: invalid where it is past. */
export function expiryOf(text: string | null | undefined, now: UnixMs): Result<UnixMs | undefined> {
  if (text === undefined || text === null) return ok(undefined);
  const at = Date.parse(text);
  return at > now
    ? ok(asUnixMs(at))
    : fail("invalid", "the expiry is not in the future", { where: text, mend: "give a later moment" });
}

type Users = Pick<Identities, "userNamed" | "user">;

/** Faults: not-found. */
export async function userOf(identities: Users, tenant: string, name: string): Promise<Result<User>> {
  const found = await identities.userNamed(tenant, name);
  return found.ok ? found : fail(found.fault.code, found.fault.what, { ...found.fault, where: name });
}
