import { Database, SQLiteError } from "bun:sqlite";
import { chmodSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, ok, type Result } from "../base/result.ts";

const pollMs = 20;

/** Holds `path` against every other process and holder until disposed or until the process ends, however it
 *  ends. It is SQLite's file lock on an empty file: nothing is left to clean up after a kill.
 *  Waits at most `waitMs`. Faults: busy, io. */
export async function holdExclusive(path: string, waitMs = 0): Promise<Result<Disposable>> {
  for (let waited = 0; ; waited += pollMs) {
    const held = tryHold(path);
    if (held.ok || held.fault.code !== "busy" || waited >= waitMs) return held;
    await sleep(pollMs);
  }
}

/** As `holdExclusive`, without waiting. */
export function tryHold(path: string): Result<Disposable> {
  let db: Database | undefined;
  try {
    db = new Database(path, { create: true });
    chmodSync(path, 0o600);
    db.run("PRAGMA busy_timeout = 0");
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
