import { close, fdatasync, openSync } from "node:fs";

/** SQLite's write-ahead log as a file, to bring it to disk without stopping the event loop. */
export interface LogFile {
  /** Resolves when all that was written before the call is on disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Of an open catalog: SQLite makes the log when the first connection reads. SQLite's locks lie on other
 *  files, so that closing this one lets go of none. */
export function logFile(catalog: string): LogFile {
  const file = openSync(`${catalog}-wal`, "r+");
  return {
    sync: () => new Promise((done, failed) => fdatasync(file, (error) => (error ? failed(error) : done()))),
    close: () => new Promise((done) => close(file, () => done())),
  };
}
