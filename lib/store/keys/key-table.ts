import type { Database } from "bun:sqlite";
import { asUnixMs } from "../../base/time.ts";
import type { KeyState, RingKey } from "../keys.ts";

export interface RingKeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly alias: string | null;
  readonly state: KeyState;
  readonly version: number;
  readonly created_at: number;
  readonly rotated_at: number | null;
}

/** A body's data key, sealed. */
export interface BlobKeyRow {
  readonly blob: number;
  readonly ring: string;
  readonly version: number;
  readonly context: string;
  readonly sealed: Uint8Array;
}

type S = string;
type N = number;

/** Statements on the ring's keys, over one connection. */
export type RingTable = ReturnType<typeof ringTable>;

export const ringTable = (db: Database) => ({ ...ringReads(db), ...ringWrites(db) });

function ringReads(db: Database) {
  const byId = db.prepare<RingKeyRow, [S]>("SELECT * FROM ring_keys WHERE id = ?");
  const byAlias = db.prepare<RingKeyRow, [S, S]>("SELECT * FROM ring_keys WHERE tenant = ? AND alias = ?");
  const ofTenant = db.prepare<RingKeyRow, [S]>(
    "SELECT * FROM ring_keys WHERE tenant IN ('', +?) ORDER BY tenant, created_at, id",
  );
  const all = db.prepare<RingKeyRow, []>("SELECT * FROM ring_keys WHERE version > 1");
  const sealed = db.prepare<{ sealed: Uint8Array }, [S, N]>(
    "SELECT sealed FROM ring_key_versions WHERE key = ? AND version = ?",
  );
  const count = db.prepare<{ count: N }, [S, N]>(
    "SELECT count(*) AS count FROM blob_keys WHERE ring = ? AND version < ?",
  );
  const behind = db.prepare<BlobKeyRow, [S, N, N]>(
    "SELECT * FROM blob_keys WHERE ring = +? AND version < +? LIMIT +?",
  );
  return {
    byId: (id: string): RingKeyRow | undefined => byId.get(id) ?? undefined,
    byAlias: (tenant: string, alias: string): RingKeyRow | undefined =>
      byAlias.get(tenant, alias) ?? undefined,
    ofTenant: (tenant: string): RingKeyRow[] => ofTenant.all(tenant),
    rotated: (): RingKeyRow[] => all.all(),
    sealed: (id: string, version: number): Uint8Array | undefined => sealed.get(id, version)?.sealed,
    /** Data keys under a version of the ring's key that is below this. */
    count: (id: string, below: number): number => count.get(id, below)?.count ?? 0,
    behind: (id: string, below: number, limit: number): BlobKeyRow[] => behind.all(id, below, limit),
  };
}

function ringWrites(db: Database) {
  const insert = db.prepare<null, [S, S, S | null, S, N, N]>(
    "INSERT INTO ring_keys(id, tenant, alias, state, version, created_at) VALUES(?,?,?,?,?,?)",
  );
  const insertVersion = db.prepare<null, [S, N, Uint8Array, N]>(
    "INSERT INTO ring_key_versions VALUES(?,?,?,?)",
  );
  const setState = db.prepare<null, [S, S]>("UPDATE ring_keys SET state = ? WHERE id = ?");
  const rotate = db.prepare<null, [N, N, S]>("UPDATE ring_keys SET version = ?, rotated_at = ? WHERE id = ?");
  const remove = db.prepare<null, [S]>("DELETE FROM ring_keys WHERE id = ?");
  const removeVersions = db.prepare<null, [S]>("DELETE FROM ring_key_versions WHERE key = ?");
  const reseal = db.prepare<null, [N, Uint8Array, N, N]>(
    "UPDATE blob_keys SET version = ?, sealed = ? WHERE blob = ? AND version = ?",
  );
  return {
    insert: (id: string, tenant: string, alias: string | null, at: number): void =>
      void insert.run(id, tenant, alias, "enabled", 1, at),
    insertVersion: (id: string, version: number, sealed: Uint8Array, at: number): void =>
      void insertVersion.run(id, version, sealed, at),
    setState: (id: string, state: KeyState): void => void setState.run(state, id),
    rotate: (id: string, version: number, at: number): void => void rotate.run(version, at, id),
    remove(id: string): void {
      remove.run(id);
      removeVersions.run(id);
    },
    /** Where it is still sealed under the version it was. */
    reseal: (row: BlobKeyRow, version: number, sealed: Uint8Array): void =>
      void reseal.run(version, sealed, row.blob, row.version),
  };
}

export function toRingKey(table: RingTable, row: RingKeyRow): RingKey {
  const { id, tenant, state, version } = row;
  return {
    id,
    tenant,
    alias: row.alias ?? undefined,
    state,
    version,
    createdAt: asUnixMs(row.created_at),
    rotatedAt: row.rotated_at === null ? undefined : asUnixMs(row.rotated_at),
    seals: table.count(id, version + 1),
    pending: table.count(id, version),
  };
}
