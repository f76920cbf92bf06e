import type { Database } from "bun:sqlite";
import type { Role, Tenant, User } from "../../rules/identity.ts";

/** A user as it lies in the catalog. */
export interface UserRow {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly role: Role;
  readonly groups: string;
  readonly home_bucket: string | null;
  readonly home_prefix: string | null;
  readonly disabled: number;
  readonly expires_at: number | null;
  readonly created_at: number;
}

export type CredentialKind = "password" | "nt" | "ssh-key" | "certificate" | "totp";

type S = string;
type N = number;

/** Statements on users and what proves them, over one connection. */
export type UserTable = ReturnType<typeof userTable>;

export function userTable(db: Database) {
  const tenants = db.prepare<Tenant, []>("SELECT id, name FROM tenants ORDER BY name");
  const tenant = db.prepare<{ id: S }, [S]>("SELECT id FROM tenants WHERE id = ?");
  const get = db.prepare<UserRow, [S]>("SELECT * FROM users WHERE id = ?");
  const named = db.prepare<UserRow, [S, S]>("SELECT * FROM users WHERE tenant = ? AND name = ?");
  const page = db.prepare<UserRow, [S, S, N]>(
    "SELECT * FROM users WHERE tenant = +? AND name > +? ORDER BY name LIMIT +?",
  );
  const insert = db.prepare<null, [S, S, S, S, S, S | null, S | null, N, N | null, N]>(
    "INSERT INTO users VALUES(?,?,?,?,?,?,?,?,?,?)",
  );
  const update = db.prepare<null, [S, S, S | null, S | null, N, N | null, S]>(
    `UPDATE users SET role = ?, groups = ?, home_bucket = ?, home_prefix = ?, disabled = ?, expires_at = ?
     WHERE id = ?`,
  );
  const admins = db.prepare<{ count: N }, [S]>(
    "SELECT count(*) AS count FROM users WHERE tenant = ? AND role = 'admin' AND disabled = 0",
  );
  const owned = db.prepare<{ name: S }, [S]>("SELECT name FROM buckets WHERE owner = ? LIMIT 1");
  const removals = ["user_credentials WHERE user", "access_keys WHERE user", "api_tokens WHERE user"].map(
    (of) => db.prepare<null, [S]>(`DELETE FROM ${of} = ?`),
  );
  const removeGrants = db.prepare<null, [S]>("DELETE FROM grants WHERE who_kind = 'user' AND who = ?");
  const remove = db.prepare<null, [S]>("DELETE FROM users WHERE id = ?");
  const homeOf = ({ home }: User) => [home?.bucket ?? null, home?.prefix ?? null] as const;
  return {
    tenants: (): Tenant[] => tenants.all(),
    hasTenant: (id: string): boolean => tenant.get(id) !== null,
    get: (id: string): UserRow | undefined => get.get(id) ?? undefined,
    named: (tenant: string, name: string): UserRow | undefined => named.get(tenant, name) ?? undefined,
    page: (tenant: string, after: string, limit: number): UserRow[] => page.all(tenant, after, limit),
    insert(user: User): void {
      const who = [user.id, user.tenant, user.name, user.role, JSON.stringify(user.groups)] as const;
      const until = [user.disabled ? 1 : 0, user.expiresAt ?? null, user.createdAt] as const;
      insert.run(...who, ...homeOf(user), ...until);
    },
    update(user: User): void {
      const until = [user.disabled ? 1 : 0, user.expiresAt ?? null] as const;
      update.run(user.role, JSON.stringify(user.groups), ...homeOf(user), ...until, user.id);
    },
    activeAdmins: (tenant: string): number => admins.get(tenant)?.count ?? 0,
    ownedBucket: (id: string): string | undefined => owned.get(id)?.name,
    /** With keys, tokens, credentials and the grants made to this user alone. */
    remove(id: string): void {
      for (const statement of removals) statement.run(id);
      removeGrants.run(id);
      remove.run(id);
    },
    ...credentialTable(db),
  };
}

/** What proves a user, one of each kind. */
function credentialTable(db: Database) {
  const credential = db.prepare<{ value: Uint8Array }, [S, S]>(
    "SELECT value FROM user_credentials WHERE user = ? AND kind = ? AND id = ''",
  );
  const setCredential = db.prepare<null, [S, S, Uint8Array, N]>(
    "INSERT OR REPLACE INTO user_credentials VALUES(?,?,'','',?,?)",
  );
  const removeCredential = db.prepare<null, [S, S]>(
    "DELETE FROM user_credentials WHERE user = ? AND kind = ? AND id = ''",
  );
  return {
    credential: (user: string, kind: CredentialKind): Uint8Array | undefined =>
      credential.get(user, kind)?.value,
    removeCredential: (user: string, kind: CredentialKind): void => void removeCredential.run(user, kind),
    setCredential: (user: string, kind: CredentialKind, value: Uint8Array, at: number): void =>
      void setCredential.run(user, kind, value, at),
  };
}
