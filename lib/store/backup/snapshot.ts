import { Database } from "bun:sqlite";
import { rm } from "node:fs/promises";
import { pragma } from "../catalog/connection.ts";
import type { BackupFacts } from "./manifest.ts";

/** One moment of the database `from`, as a database of its own at `path`, whatever is written meanwhile. */
export async function snapshotDatabase(from: string, path: string): Promise<void> {
  await rm(path, { force: true });
  const live = new Database(from, { readonly: true });
  try {
    live.run("PRAGMA busy_timeout=10000");
    live.run("VACUUM INTO ?", [path]);
  } finally {
    live.close();
  }
}

/** The files of bodies that the catalog at `path` refers to. */
export function* bodyFiles(path: string): Iterable<{ readonly file: string; readonly size: number }> {
  const db = new Database(path, { readonly: true });
  try {
    yield* db
      .query<{ file: string; size: number }, []>("SELECT file, size FROM blobs WHERE file IS NOT NULL")
      .iterate();
  } finally {
    db.close();
  }
}

export function countsOf(path: string): Omit<BackupFacts, "at" | "version" | "files"> {
  const db = new Database(path, { readonly: true });
  try {
    const counts = db
      .query<{ buckets: number; objects: number; bytes: number }, []>(
        `SELECT count(*) AS buckets, coalesce(sum(used_objects), 0) AS objects,
          coalesce(sum(used_bytes), 0) AS bytes FROM buckets`,
      )
      .get()!;
    return { ...counts, schema: Number(pragma(db, "user_version")) };
  } finally {
    db.close();
  }
}
