import type { FileOps } from "../blobs/file-ops.ts";

/** SQLite's write-ahead log as a file, to bring it to disk without stopping the event loop. */
export interface LogFile {
  /** Resolves when all that was written before the call is on disk. */
  sync(): Promise<void>;
  close(): void;
}

/** Of an open catalog: SQLite makes the log when the first connection reads. SQLite's locks lie on other
 *  files, so that closing this one lets go of none. */
export function logFile(files: FileOps, catalog: string): LogFile {
  const file = files.openLog(`${catalog}-wal`);
  return { sync: () => files.syncLater(file), close: () => files.close(file) };
}
