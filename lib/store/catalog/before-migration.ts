import { Database } from "bun:sqlite";
import { chmodSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pragma } from "./connection.ts";

/** A whole catalog as it was before a newer build changed its schema. */
export interface KeptCatalog {
  readonly path: string;
  readonly schema: number;
}

/** What lies beside the catalog at `path`, the newest first: at most one, unless somebody put more there. */
export function keptCatalogs(path: string): KeptCatalog[] {
  const prefix = `${basename(path)}.schema-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ path: join(dirname(path), name), schema: Number(name.slice(prefix.length)) }))
    .sort((a, b) => b.schema - a.schema);
}

/** Copies the catalog that `db` has open at `path` to `<path>.schema-N`, whole, before its schema changes; an
 *  older copy goes. So one step back is possible, and one alone. Throws where there is no room for it: then
 *  nothing has been changed. */
export function keepBeforeMigration(db: Database, path: string, wanted: number): void {
  const found = Number(pragma(db, "user_version"));
  if (found === 0 || found >= wanted) return;
  const draft = `${path}.draft-${process.pid}`;
  rmSync(draft, { force: true });
  try {
    db.run("VACUUM INTO ?", [draft]);
    chmodSync(draft, 0o600);
    const schema = schemaOf(draft); // another process may have been quicker
    if (schema >= wanted) return;
    renameSync(draft, `${path}.schema-${schema}`);
    for (const kept of keptCatalogs(path)) if (kept.schema !== schema) rmSync(kept.path, { force: true });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The schema of a catalog that nobody need have open. Its file is let go of at once: a statement that waits
 *  for the collector would keep it open. */
export function schemaOf(path: string): number {
  const db = new Database(path, { readonly: true });
  const asked = db.prepare("PRAGMA user_version");
  try {
    return Number(asked.values()[0]?.[0]);
  } finally {
    asked.finalize();
    db.close();
  }
}
