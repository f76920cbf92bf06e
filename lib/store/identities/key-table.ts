import type { Database } from "bun:sqlite";

export interface KeyRow {
  readonly id: string;
  readonly user: string;
  readonly secret: Uint8Array;
  readonly disabled: number;
  readonly expires_at: number | null;
  readonly created_at: number;
}

export interface TokenRow {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly digest: Uint8Array;
  readonly expires_at: number | null;
  readonly created_at: number;
}

export interface GrantRow {
  readonly id: string;
  readonly tenant: string;
  readonly effect: "allow" | "deny";
  readonly who_kind: "user" | "group" | "everyone";
  readonly who: string;
  readonly verbs: string;
  readonly bucket: string;
  readonly prefix: string;
}

type S = string;
type N = number;

/** Statements on keys, tokens and grants, over one connection. */
export type KeyTable = ReturnType<typeof keyTable>;

export function keyTable(db: Database) {
  const key = db.prepare<KeyRow, [S]>("SELECT * FROM access_keys WHERE id = ?");
  const keys = db.prepare<KeyRow, [S]>("SELECT * FROM access_keys WHERE user = +? ORDER BY created_at, id");
  const addKey = db.prepare<null, [S, S, Uint8Array, N, N | null, N]>(
    "INSERT INTO access_keys VALUES(?,?,?,?,?,?)",
  );
  const removeKey = db.prepare<null, [S]>("DELETE FROM access_keys WHERE id = ?");
  const token = db.prepare<TokenRow, [S]>("SELECT * FROM api_tokens WHERE id = ?");
  const tokens = db.prepare<TokenRow, [S]>(
    "SELECT * FROM api_tokens WHERE user = +? ORDER BY created_at, id",
  );
  const addToken = db.prepare<null, [S, S, S, Uint8Array, N | null, N]>(
    "INSERT INTO api_tokens VALUES(?,?,?,?,?,?)",
  );
  const removeToken = db.prepare<null, [S]>("DELETE FROM api_tokens WHERE id = ?");
  const grant = db.prepare<GrantRow, [S]>("SELECT * FROM grants WHERE id = ?");
  const grants = db.prepare<GrantRow, [S]>("SELECT * FROM grants WHERE tenant = +? ORDER BY id");
  const addGrant = db.prepare<null, [S, S, S, S, S, S, S, S]>("INSERT INTO grants VALUES(?,?,?,?,?,?,?,?)");
  const removeGrant = db.prepare<null, [S]>("DELETE FROM grants WHERE id = ?");
  return {
    key: (id: string): KeyRow | undefined => key.get(id) ?? undefined,
    keys: (user: string): KeyRow[] => keys.all(user),
    addKey: (row: KeyRow): void =>
      void addKey.run(row.id, row.user, row.secret, row.disabled, row.expires_at, row.created_at),
    removeKey: (id: string): void => void removeKey.run(id),
    token: (id: string): TokenRow | undefined => token.get(id) ?? undefined,
    tokens: (user: string): TokenRow[] => tokens.all(user),
    addToken: (row: TokenRow): void =>
      void addToken.run(row.id, row.user, row.label, row.digest, row.expires_at, row.created_at),
    removeToken: (id: string): void => void removeToken.run(id),
    grant: (id: string): GrantRow | undefined => grant.get(id) ?? undefined,
    grants: (tenant: string): GrantRow[] => grants.all(tenant),
    addGrant(row: GrantRow): void {
      const who = [row.id, row.tenant, row.effect, row.who_kind, row.who] as const;
      addGrant.run(...who, row.verbs, row.bucket, row.prefix);
    },
    removeGrant: (id: string): void => void removeGrant.run(id),
  };
}
