import { Database } from "bun:sqlite";
import { join } from "node:path";
import { asUnixMs, type UnixMs } from "../base/time.ts";
import type { TransferRow, Way } from "../watch/transfer-line.ts";
import { periodName, type Period } from "../rules/terms.ts";

/** What was moved by whom: a history, and sums that quotas ask for. One process writes it. */
export interface TransferBook extends Disposable {
  add(row: TransferRow): void;
  /** The latest first; `before` is the `id` of a row seen last. */
  page(ask: { user?: string | undefined; before?: number | undefined; limit: number }): (TransferRow & {
    readonly id: number;
  })[];
  /** What a user has moved that way in the period that `at` lies in. */
  moved(user: string, way: Way, per: Period, at: UnixMs): number;
  count(user: string, way: Way, bytes: number, at: UnixMs): void;
}

/** Rows and sums reach the disk within this time, or at closing: a crash may cost so much of the history. */
const flushMs = 300;
const keepRows = 1_000_000;
const sumsOf = ["day", "week", "month"] as const;

export const transferBookPath = (data: string): string => join(data, "transfers.db");

/** Opens the book; several processes may read it. */
export function openTransferBook(path: string): TransferBook {
  const db = new Database(path, { create: true, strict: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = NORMAL");
  db.run(`CREATE TABLE IF NOT EXISTS transfers(
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, ms INTEGER NOT NULL, user TEXT NOT NULL,
    door TEXT NOT NULL, address TEXT NOT NULL, way TEXT NOT NULL, path TEXT NOT NULL,
    bytes INTEGER NOT NULL, outcome TEXT NOT NULL)`);
  db.run("CREATE INDEX IF NOT EXISTS transfers_of ON transfers(user, id)");
  db.run(`CREATE TABLE IF NOT EXISTS moved(
    user TEXT NOT NULL, way TEXT NOT NULL, period TEXT NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY(user, way, period)) WITHOUT ROWID`);
  return new SqliteTransferBook(db);
}

type Found = TransferRow & { readonly id: number };

class SqliteTransferBook implements TransferBook {
  readonly #db: Database;
  readonly #rows: TransferRow[] = [];
  /** What was counted since the last flush, by "user way period". */
  readonly #sums = new Map<string, { user: string; way: Way; period: string; bytes: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  add(row: TransferRow): void {
    this.#rows.push(row);
    this.#later();
  }

  count(user: string, way: Way, bytes: number, at: UnixMs): void {
    for (const per of sumsOf) {
      const period = periodName(per, at);
      const name = `${user} ${way} ${period}`;
      const sum = this.#sums.get(name) ?? { user, way, period, bytes: 0 };
      sum.bytes += bytes;
      this.#sums.set(name, sum);
    }
    this.#later();
  }

  moved(user: string, way: Way, per: Period, at: UnixMs): number {
    const period = periodName(per, at);
    const kept = this.#db
      .query<{ bytes: number }, [string, string, string]>(
        "SELECT bytes FROM moved WHERE user = ? AND way = ? AND period = ?",
      )
      .get(user, way, period);
    return (kept?.bytes ?? 0) + (this.#sums.get(`${user} ${way} ${period}`)?.bytes ?? 0);
  }

  page({ user, before = Number.MAX_SAFE_INTEGER, limit }: Parameters<TransferBook["page"]>[0]): Found[] {
    this.#flush();
    const of = user === undefined ? "" : "user = +?2 AND";
    const found = this.#db.query<Found, (string | number)[]>(
      `SELECT * FROM transfers WHERE ${of} id < +?1 ORDER BY id DESC LIMIT ${Math.trunc(limit)}`,
    );
    const rows = user === undefined ? found.all(before) : found.all(before, user);
    return rows.map((row) => ({ ...row, at: asUnixMs(row.at) }));
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#rows.length === 0 && this.#sums.size === 0) return;
    const rows = this.#rows.splice(0);
    const sums = [...this.#sums.values()];
    this.#sums.clear();
    this.#db.transaction(() => this.#write(rows, sums))();
  }

  #write(
    rows: readonly TransferRow[],
    sums: readonly { user: string; way: Way; period: string; bytes: number }[],
  ): void {
    const insert = this.#db.query(
      `INSERT INTO transfers(at, ms, user, door, address, way, path, bytes, outcome)
       VALUES(?,?,?,?,?,?,?,?,?)`,
    );
    for (const { at, ms, user, door, address, way, path, bytes, outcome } of rows)
      insert.run(at, ms, user, door, address, way, path, bytes, outcome);
    const sum = this.#db.query(
      "INSERT INTO moved VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
    );
    for (const { user, way, period, bytes } of sums) sum.run(user, way, period, bytes);
    this.#db.run("DELETE FROM transfers WHERE id <= (SELECT max(id) FROM transfers) - ?", [keepRows]);
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#db.close();
  }
}
