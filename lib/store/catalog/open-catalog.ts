import type { Database } from "bun:sqlite";
import type { FileOps } from "../blobs/file-ops.ts";
import { keepBeforeMigration } from "./before-migration.ts";
import { Checkpointer } from "./checkpointer.ts";
import { openConnection } from "./connection.ts";
import { logFile } from "./log-file.ts";
import { migrate, schemaVersion } from "./schema.ts";
import { Writer } from "./writer.ts";

/** The catalog as one process has it open: one connection for the writer's jobs, one for reading. */
export interface Catalog {
  readonly write: Database;
  readonly read: Database;
  readonly writer: Writer;
  /** Once the writer is closed. */
  close(): void;
}

/** Opens `path`, making it where it is missing. A catalog of an older build is
 *  kept beside it before it is changed. Throws where it was written by a newer build. */
export function openCatalog(path: string, files: FileOps): Catalog {
  const write = openConnection(path, "writer");
  keepBeforeMigration(write, path, schemaVersion);
  migrate(write);
  const read = openConnection(path, "reader");
  const log = logFile(files, path);
  const writer = new Writer(write, () => log.sync());
  const checkpointer = new Checkpointer(path);
  writer.follow(checkpointer);
  return {
    write,
    read,
    writer,
    close() {
      checkpointer.close();
      log.close();
      read.close();
      write.close();
    },
  };
}
