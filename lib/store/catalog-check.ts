import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What SQLite itself finds wrong with the catalog: undefined where it is whole or not there yet. Reads all
 *  of it, changes nothing, and may be asked while daemons run. */
export function catalogTrouble(data: string): string | undefined {
  const path = join(data, "catalog.db");
  if (!existsSync(path)) return undefined;
  try {
    const db = new Database(path, { readonly: true });
    const answer = db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check;
    db.close();
    return answer === "ok" ? undefined : `damaged: ${answer ?? "no answer"}`;
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}
