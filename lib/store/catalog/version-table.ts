import type { Database } from "bun:sqlite";
import { asUnixMs } from "../../base/time.ts";
import type { LockState, ObjectVersion } from "../objects.ts";
import { readSaid, type Said } from "./facts-text.ts";

/** A version as it lies in the catalog. */
export interface VersionRow {
  readonly bucket: number;
  readonly key: string;
  /** Minus the seq of the event that made it: the newest comes first. */
  readonly age: number;
  readonly version: string;
  readonly versioned: number;
  readonly marker: number;
  readonly size: number;
  readonly etag: string;
  readonly blob: number | null;
  readonly created_at: number;
  readonly lock_mode: "governance" | "compliance" | null;
  readonly lock_until: number | null;
  readonly legal_hold: number;
  readonly facts: string | null;
}

export type Columns = [
  bucket: number,
  key: string,
  age: number,
  version: string,
  versioned: number,
  marker: number,
  size: number,
  etag: string,
  blob: number | null,
  createdAt: number,
  lockMode: string | null,
  lockUntil: number | null,
  legalHold: number,
  facts: string | null,
];

/** Sorts above every text in SQLite. */
const aboveAllText = Uint8Array.of(255);

/** Statements on versions, over one connection. */
export type VersionTable = ReturnType<typeof versionTable>;

export function versionTable(db: Database) {
  const current = db.prepare<VersionRow, [number, string]>(
    "SELECT * FROM versions WHERE bucket = +? AND key = +? ORDER BY age LIMIT 1",
  );
  const oldest = db.prepare<VersionRow, [number, string]>(
    "SELECT * FROM versions WHERE bucket = +? AND key = +? ORDER BY age DESC LIMIT 1",
  );
  const byId = db.prepare<VersionRow, [number, string, string]>(
    "SELECT * FROM versions WHERE bucket = ? AND key = ? AND version = ? AND versioned = 1",
  );
  const aged = db.prepare<VersionRow, [number, string, number]>(
    "SELECT * FROM versions WHERE bucket = ? AND key = ? AND age = ?",
  );
  const insert = db.prepare<null, Columns>("INSERT INTO versions VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  const remove = db.prepare<null, [number, string, number]>(
    "DELETE FROM versions WHERE bucket = ? AND key = ? AND age = ?",
  );
  const describe = db.prepare<null, [string | null, number, string, number]>(
    "UPDATE versions SET facts = ? WHERE bucket = ? AND key = ? AND age = ?",
  );
  const lock = db.prepare<null, [string | null, number | null, number, number, string, number]>(
    `UPDATE versions SET lock_mode = ?, lock_until = ?, legal_hold = ?
     WHERE bucket = ? AND key = ? AND age = ?`,
  );
  const range = db.prepare<VersionRow, [number, string, string | Uint8Array, number]>(
    "SELECT * FROM versions WHERE bucket = +? AND key >= +? AND key < +? ORDER BY key, age LIMIT +?",
  );
  const after = db.prepare<VersionRow, [number, string, number, string | Uint8Array, number]>(
    `SELECT * FROM versions WHERE bucket = +? AND (key, age) > (+?, +?) AND key < +?
     ORDER BY key, age LIMIT +?`,
  );
  const any = db.prepare<{ one: number }, [number]>("SELECT 1 AS one FROM versions WHERE bucket = ? LIMIT 1");
  return {
    current: (bucket: number, key: string): VersionRow | undefined => current.get(bucket, key) ?? undefined,
    /** A version made while the bucket kept none is the oldest of its key, and not in the index. */
    byId(bucket: number, key: string, version: string): VersionRow | undefined {
      const found = byId.get(bucket, key, version);
      if (found || version !== "null") return found ?? undefined;
      const last = oldest.get(bucket, key);
      return last?.version === "null" ? last : undefined;
    },
    aged: (bucket: number, key: string, age: number): VersionRow | undefined =>
      aged.get(bucket, key, age) ?? undefined,
    insert: (row: VersionRow): void => void insert.run(...columnsOf(row)),
    remove: (row: VersionRow): void => void remove.run(row.bucket, row.key, row.age),
    describe: (row: VersionRow, facts: string | null): void =>
      void describe.run(facts, row.bucket, row.key, row.age),
    lock: (row: VersionRow, to: LockState): void =>
      void lock.run(...lockColumns(to), row.bucket, row.key, row.age),
    /** Rows of keys from `from` on, before `end`; undefined: to the bucket's last. */
    range: (bucket: number, from: string, end: string | undefined, limit: number): VersionRow[] =>
      range.all(bucket, from, end ?? aboveAllText, limit),
    /** The same, strictly after a row. */
    after: (row: VersionRow, end: string | undefined, limit: number): VersionRow[] =>
      after.all(row.bucket, row.key, row.age, end ?? aboveAllText, limit),
    any: (bucket: number): boolean => any.get(bucket) !== null,
  };
}

export function columnsOf(row: VersionRow): Columns {
  return [
    row.bucket,
    row.key,
    row.age,
    row.version,
    row.versioned,
    row.marker,
    row.size,
    row.etag,
    row.blob,
    row.created_at,
    row.lock_mode,
    row.lock_until,
    row.legal_hold,
    row.facts,
  ];
}

export const lockColumns = (lock: LockState): [string | null, number | null, number] => [
  lock.mode === "none" ? null : lock.mode,
  lock.until ?? null,
  lock.legalHold ? 1 : 0,
];

export const lockOf = (row: Pick<VersionRow, "lock_mode" | "lock_until" | "legal_hold">): LockState => ({
  mode: row.lock_mode ?? "none",
  until: row.lock_until === null ? undefined : asUnixMs(row.lock_until),
  legalHold: row.legal_hold === 1,
});

/** What a condition asks of a version. */
export const conditionOf = (row: VersionRow | undefined) =>
  row && { deleteMarker: row.marker === 1, etag: row.etag, version: row.version };

/** `said`: what the row's facts say, where that is known already. */
export function toVersion(
  row: VersionRow,
  bucket: string,
  latest: boolean,
  said: Said = readSaid(row.facts),
): ObjectVersion {
  const { contentType, headers, metadata, tags, modifiedAt, digests, digestsOf, parts, encryption } = said;
  return {
    ...(encryption && { encryption }),
    bucket,
    key: row.key,
    version: row.version,
    latest,
    deleteMarker: row.marker === 1,
    size: row.size,
    etag: row.etag,
    digests,
    digestsOf,
    parts,
    createdAt: asUnixMs(row.created_at),
    lock: lockOf(row),
    contentType,
    headers,
    metadata,
    tags,
    modifiedAt,
  };
}
