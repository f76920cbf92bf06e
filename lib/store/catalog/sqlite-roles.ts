import type { Database } from "bun:sqlite";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, type Clock } from "../../base/time.ts";
import { readIdentityPolicy } from "../../rules/policy.ts";
import type { Role, Roles } from "../roles.ts";
import type { Writer } from "./writer.ts";

interface Row {
  readonly tenant: string;
  readonly name: string;
  readonly policy: string;
  readonly trusts: string;
  readonly max_seconds: number;
  readonly created_at: number;
}

const none = (name: string): Result<never> => fail("not-found", "there is no such role", { where: name });

export function sqliteRoles(read: Database, write: Database, writer: Writer, clock: Clock): Roles {
  type S = string;
  const all = read.prepare<Row, [S]>("SELECT * FROM roles WHERE tenant = +? ORDER BY name");
  const one = read.prepare<Row, [S, S]>("SELECT * FROM roles WHERE tenant = ? AND name = ?");
  const put = write.prepare<null, [S, S, S, S, number, number]>(
    "INSERT OR REPLACE INTO roles VALUES(?,?,?,?,?,?)",
  );
  const remove = write.prepare<null, [S, S]>("DELETE FROM roles WHERE tenant = ? AND name = ?");
  return {
    all: async (tenant) => all.all(tenant).map(toRole),
    async role(tenant, name) {
      const row = one.get(tenant, name);
      return row ? ok(toRole(row)) : none(name);
    },
    async put(role) {
      const refused = refusalOf(role);
      if (refused) return refused;
      const { tenant, name, policy, trusts, maxSeconds } = role;
      const createdAt = clock.wall();
      return await writer.write(() => {
        put.run(tenant, name, policy, JSON.stringify(trusts), maxSeconds, createdAt);
        return ok({ ...role, createdAt });
      });
    },
    remove: (tenant, name) => writer.write(() => (remove.run(tenant, name).changes > 0 ? ok() : none(name))),
  };
}

function refusalOf({ name, policy, trusts, maxSeconds }: Omit<Role, "createdAt">): Result<never> | undefined {
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
    return fail("bad-name", "a role's name has 1 to 64 letters, digits and +=,.@_-", { where: name });
  }
  const read = readIdentityPolicy(policy);
  if (!read.ok) return fail("invalid", `the role's policy: ${read.fault.what}`, { where: name });
  if (trusts.length === 0 || trusts.length > 100) {
    return fail("invalid", "a role trusts 1 to 100 users or groups", {
      mend: "name users, @groups, or * for everybody",
    });
  }
  return maxSeconds >= 900 && maxSeconds <= 43_200
    ? undefined
    : fail("invalid", "a role's sessions last 15 minutes to 12 hours at most");
}

const toRole = ({ tenant, name, policy, trusts, max_seconds, created_at }: Row): Role => ({
  tenant,
  name,
  policy,
  trusts: JSON.parse(trusts) as string[],
  maxSeconds: max_seconds,
  createdAt: asUnixMs(created_at),
});
