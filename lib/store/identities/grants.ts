import { fail, ok, type Result } from "../../base/result.ts";
import type { Grant, Verb } from "../../rules/access.ts";
import type { Actor } from "../../rules/identity.ts";
import type { GrantRow, KeyTable } from "./key-table.ts";
import type { Room } from "./room.ts";
import type { UserTable } from "./user-table.ts";

export function grantsOf(room: Room, keys: KeyTable, tenant: string): readonly Grant[] {
  return room.cache.get(`grants:${tenant}`, () => keys.grants(tenant).map(toGrant)) ?? [];
}

export async function addGrant(
  room: Room,
  users: UserTable,
  keys: KeyTable,
  by: Actor,
  grant: Omit<Grant, "id">,
): Promise<Result<Grant>> {
  const at = room.clock.wall();
  const row = fromGrant({ ...grant, id: room.newId() });
  const added = await room.writer.write((): Result<Grant> => {
    if (!users.hasTenant(grant.tenant)) return fail("not-found", "there is no such tenant");
    keys.addGrant(row);
    room.changed(by, at, "grant.added", grant.tenant, row.id);
    return ok(toGrant(row));
  });
  room.cache.forget();
  return added;
}

export async function removeGrant(room: Room, keys: KeyTable, by: Actor, id: string): Promise<Result<void>> {
  const at = room.clock.wall();
  const removed = await room.writer.write((): Result<void> => {
    const row = keys.grant(id);
    if (!row) return fail("not-found", "there is no such grant");
    keys.removeGrant(id);
    room.changed(by, at, "grant.removed", row.tenant, id);
    return ok();
  });
  room.cache.forget();
  return removed;
}

function fromGrant(grant: Grant): GrantRow {
  const { id, tenant, effect, who, verbs, bucket, prefix } = grant;
  const [who_kind, name] =
    "user" in who
      ? (["user", who.user] as const)
      : "group" in who
        ? (["group", who.group] as const)
        : (["everyone", ""] as const);
  return { id, tenant, effect, who_kind, who: name, verbs: verbs.join(","), bucket, prefix };
}

function toGrant(row: GrantRow): Grant {
  const { id, tenant, effect, who_kind, who, verbs, bucket, prefix } = row;
  const whom =
    who_kind === "user" ? { user: who } : who_kind === "group" ? { group: who } : { everyone: true as const };
  return { id, tenant, effect, who: whom, verbs: verbs.split(",") as Verb[], bucket, prefix };
}
