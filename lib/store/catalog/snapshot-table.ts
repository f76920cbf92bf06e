import type { Database } from "bun:sqlite";
import { columnsOf, type Columns, type VersionRow } from "./version-table.ts";

export interface SnapshotRow {
  readonly bucket: number;
  readonly name: string;
  readonly seq: number;
  readonly at: number;
}

/** Every version that was there after the event `seq`: those that still are, and those in history. */
const thereThen = (where: string): string => `
  SELECT *, NULL AS gone FROM versions WHERE bucket = +?1 AND ${where} AND age >= -?2
  UNION ALL
  SELECT * FROM history WHERE bucket = +?1 AND ${where} AND age >= -?2 AND gone > +?2
  ORDER BY key, age`;

/** Statements on snapshots and what they show, over one connection. */
export type SnapshotTable = ReturnType<typeof snapshotTable>;

export function snapshotTable(db: Database) {
  const all = db.prepare<SnapshotRow, [number]>(
    "SELECT * FROM snapshots WHERE bucket = +? ORDER BY seq, name",
  );
  const get = db.prepare<SnapshotRow, [number, string]>(
    "SELECT * FROM snapshots WHERE bucket = ? AND name = ?",
  );
  const add = db.prepare<null, [number, string, number, number]>("INSERT INTO snapshots VALUES(?,?,?,?)");
  const remove = db.prepare<null, [number, string]>("DELETE FROM snapshots WHERE bucket = ? AND name = ?");
  const newest = db.prepare<null, [number]>(
    `UPDATE buckets SET snapshot_seq = (SELECT max(seq) FROM snapshots WHERE bucket = ?1) WHERE id = ?1`,
  );
  const keep = db.prepare<null, [...Columns, number]>(
    "INSERT INTO history VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
  );
  const unseen = db.prepare<{ key: string; age: number; blob: number | null }, [number, number]>(
    `SELECT key, age, blob FROM history WHERE bucket = +?1 AND NOT EXISTS (
       SELECT 1 FROM snapshots s WHERE s.bucket = +?1 AND s.seq >= -history.age AND s.seq < history.gone)
     LIMIT +?2`,
  );
  const forget = db.prepare<null, [number, string, number]>(
    "DELETE FROM history WHERE bucket = ? AND key = ? AND age = ?",
  );
  const one = db.prepare<VersionRow, [number, number, string]>(`${thereThen("key = +?3")} LIMIT 1`);
  const range = db.prepare<VersionRow, [number, number, string, string | Uint8Array, number]>(
    `${thereThen("key >= +?3 AND key < +?4")} LIMIT +?5`,
  );
  return {
    all: (bucket: number): SnapshotRow[] => all.all(bucket),
    get: (bucket: number, name: string): SnapshotRow | undefined => get.get(bucket, name) ?? undefined,
    add(row: SnapshotRow): void {
      add.run(row.bucket, row.name, row.seq, row.at);
      newest.run(row.bucket);
    },
    remove(bucket: number, name: string): void {
      remove.run(bucket, name);
      newest.run(bucket);
    },
    /** A version that is taken out by the event `gone`. Its body stays referred to. */
    keep: (row: VersionRow, gone: number): void => void keep.run(...columnsOf(row), gone),
    /** Rows of history that no snapshot shows any more. */
    unseen: (bucket: number, limit: number) => unseen.all(bucket, limit),
    forget: (bucket: number, key: string, age: number): void => void forget.run(bucket, key, age),
    /** What was current after the event `seq`. */
    one: (bucket: number, seq: number, key: string): VersionRow | undefined =>
      one.get(bucket, seq, key) ?? undefined,
    range: (
      bucket: number,
      seq: number,
      from: string,
      end: string | undefined,
      limit: number,
    ): VersionRow[] => range.all(bucket, seq, from, end ?? Uint8Array.of(255), limit),
  };
}
