import { Database } from "bun:sqlite";

/** Every setting of a connection, and what must be read back: a pragma that is ignored is a bug. */
const settings: readonly (readonly [name: string, value: string, readBack: string | number])[] = [
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "NORMAL", 1], // the writer brings the log to disk itself: see writer.ts
  ["cache_size", "-32768", -32768],
  ["temp_store", "MEMORY", 2],
  ["trusted_schema", "OFF", 0],
  ["journal_size_limit", "67108864", 67108864],
  ["wal_autocheckpoint", "16384", 16384], // 64 MiB: a thread comes earlier, see checkpointer.ts
  ["mmap_size", "0", 0], // mapped pages count as ours: a large catalog would make a large process
];

/** A body of 4 KiB takes 4.7 KB with these pages; with 8 KiB pages it took 8.1, and twice the log. */
export const pageBytes = 4096;

/** Waits of a reader, in milliseconds: in WAL mode it meets a lock only while another process recovers. */
const readerPatienceMs = 5_000;

// A statement that orders or limits is written with `+?`, not `?`. SQLite's planner looks at the values of
// bare parameters there, and then compiles the statement anew at every run: 15 µs instead of 2.
// statements.test.ts holds us to it.

/** Opens the catalog in WAL mode and shows that each setting took. With `synchronous=NORMAL` SQLite syncs
 *  whatever a checkpoint needs, and leaves it to us to sync the log before we answer.
 *  A writer has no busy handler, which would stop the event loop: `Writer` waits by itself. */
export function openConnection(path: string, role: "writer" | "reader"): Database {
  const db = new Database(path, { create: true, readwrite: true, strict: true });
  db.run(`PRAGMA busy_timeout=${readerPatienceMs}`);
  db.run(`PRAGMA page_size=${pageBytes}`);
  for (const [name, value, expected] of settings) {
    patiently(() => db.run(`PRAGMA ${name}=${value}`));
    expectPragma(db, name, expected);
  }
  if (role === "reader") {
    db.run("PRAGMA query_only=ON");
    expectPragma(db, "query_only", 1);
  } else {
    db.run("PRAGMA busy_timeout=0");
    expectPragma(db, "busy_timeout", 0);
  }
  return db;
}

/** The value of a pragma that has one row with one column. */
export function pragma(db: Database, name: string): string | number | undefined {
  return (db.query(`PRAGMA ${name}`).values()[0] as [string | number] | undefined)?.[0];
}

function expectPragma(db: Database, name: string, expected: string | number): void {
  const found = pragma(db, name);
  if (found !== expected) {
    throw new Error(`SQLite ignored PRAGMA ${name}: expected ${expected}, found ${String(found)}`);
  }
}

/** Changing to WAL needs the file for itself for a moment, and does not always ask the busy handler. */
export function patiently<T>(run: () => T, patienceMs = readerPatienceMs): T {
  for (let waitedMs = 0; ; waitedMs += 5) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error) || waitedMs >= patienceMs) throw error;
      Bun.sleepSync(5);
    }
  }
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^SQLITE_(?:BUSY|LOCKED)/.test(String(error.code));
}
