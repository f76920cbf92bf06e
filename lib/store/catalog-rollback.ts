import { Database } from "bun:sqlite";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import { keptCatalogs, schemaOf, type KeptCatalog } from "./catalog/before-migration.ts";
import { schemaVersion } from "./catalog/schema.ts";
import { syncFolderNow } from "./sync-folder.ts";

/** What an upgrade would mean for a data directory, or has meant. */
export interface UpgradeFacts {
  /** The catalog's own, and the one that this build writes. */
  readonly schema: number;
  readonly knows: number;
  /** What one can go back to. */
  readonly kept: KeptCatalog | undefined;
}

/** Undefined where there is no house. Throws where the catalog cannot be read. */
export function upgradeFacts(data: string): UpgradeFacts | undefined {
  const path = join(data, "catalog.db");
  if (!existsSync(path)) return undefined;
  return { schema: schemaOf(path), knows: schemaVersion, kept: keptCatalogs(path)[0] };
}

/** Puts the catalog back that the last change of schema kept; the newer one stays beside it as
 *  `catalog.db.undone`. What was written since is in that one alone, and bodies that were deleted since are
 *  gone. Faults: not-found (nothing was kept), busy (a process has the catalog open), io. */
export function rollBackCatalog(data: string): Result<KeptCatalog> {
  const path = join(data, "catalog.db");
  const [kept] = existsSync(path) ? keptCatalogs(path) : [];
  if (!kept) {
    const mend = "restore a backup: holdfast restore BACKUP --data DIR";
    return fail("not-found", "no earlier catalog was kept here", { where: data, mend });
  }
  if (!closedWholly(path)) {
    const mend = "stop every daemon and holdfast up first";
    return fail("busy", "the catalog is in use", { where: path, mend });
  }
  renameSync(path, `${path}.undone`);
  renameSync(kept.path, path);
  for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
  syncFolderNow(data);
  return ok(kept);
}

/** Brings the log into the file. SQLite leaves WAL mode only where nobody else has the file open. */
function closedWholly(path: string): boolean {
  const db = new Database(path, { readwrite: true, create: false });
  try {
    db.run("PRAGMA busy_timeout=500");
    db.run("PRAGMA journal_mode=DELETE"); // throws where it cannot
    return true;
  } catch (error) {
    if (/locked|busy/i.test(String(error))) return false;
    throw error;
  } finally {
    db.close();
  }
}
