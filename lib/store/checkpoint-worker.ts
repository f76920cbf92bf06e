/** A thread that copies the catalog's log into the catalog, so that no commit has to wait for it:
 *  see catalog/checkpointer.ts for the other end. */
import type { Database } from "bun:sqlite";
import { openConnection } from "./catalog/connection.ts";

declare const self: Worker;

const open = { db: undefined as Database | undefined };

self.addEventListener("message", ({ data: path }: MessageEvent<string>) => {
  try {
    open.db ??= openConnection(path, "writer");
    // PASSIVE: takes what it can without waiting for a reader or a writer, and without stopping any.
    open.db.run("PRAGMA wal_checkpoint(PASSIVE)");
  } catch {
    // Another process is at it, or the disk is full: the next round tries again, and SQLite itself does
    // when the log has grown long.
  }
  self.postMessage("done");
});
