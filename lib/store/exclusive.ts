import { Database, SQLiteError } from "bun:sqlite";
import { chmodSync } from "node:fs";
import { fail, ok, type Result } from "../base/result.ts";

/** Holds `path` against every other process and holder until disposed or until the process ends, however it
 *  ends. It is SQLite's file lock on an empty file: nothing is left to clean up after a kill.
 *  Waits at most `waitMs`. Faults: busy, io. */
export function holdExclusive(path: string, waitMs = 0): Result<Disposable> {
  let db: Database | undefined;
  try {
    db = new Database(path, { create: true });
    chmodSync(path, 0o600);
    db.run(`PRAGMA busy_timeout = ${waitMs}`);
    db.run("BEGIN EXCLUSIVE");
    const held = db;
    return ok({ [Symbol.dispose]: () => held.close() });
  } catch (error) {
    db?.close();
    const code = error instanceof SQLiteError ? error.code : undefined;
    if (code === "SQLITE_BUSY") return fail("busy", "another process holds it", { where: path });
    return fail("io", `the lock cannot be taken: ${code ?? (error as Error).message}`, { where: path });
  }
}
