import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { syncFolder, syncFolderNow } from "../sync-folder.ts";
import { fault, type Fault, type FaultCode } from "../../base/fault.ts";

/** The few things the blob files ask of a file system. A seam, so that a test can lose power, fill the disk
 *  and run out of descriptors at a chosen call. All throw the system's error. */
export interface FileOps {
  /** With its parents, mode 0700. */
  makeFolder(path: string): void;
  /** A new file for writing, mode 0600; fails where the name is taken. */
  create(path: string): number;
  openRead(path: string): number;
  /** All of `bytes` at `at`. */
  write(file: number, bytes: Uint8Array, at: number): void;
  /** The bytes and the size are on disk when it returns. */
  sync(file: number): void;
  close(file: number): void;
  /** A second name for the same file. */
  link(from: string, to: string): void;
  /** The name is gone; already gone is well. */
  unlink(path: string): void;
  /** The folder's names are on disk when it returns. */
  syncFolder(path: string): void;
  /** Names in a folder; none where there is no such folder. */
  names(path: string): string[];
  removeFolder(path: string): void;
  /** The catalog's log, for bringing it to disk. */
  openLog(path: string): number;
  /** As `sync`, off the event loop. */
  syncLater(file: number): Promise<void>;
  /** As `syncFolder`, off the event loop. */
  syncFolderLater(path: string): Promise<void>;
}

export const systemFiles: FileOps = {
  makeFolder(path) {
    if (fs.mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) this.syncFolder(dirname(path));
  },
  create: (path) => fs.openSync(path, "wx", 0o600),
  openRead: (path) => fs.openSync(path, "r"),
  write(file, bytes, at) {
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(file, bytes, done, bytes.length - done, at + done);
    }
  },
  sync: (file) => fs.fdatasyncSync(file),
  close: (file) => fs.closeSync(file),
  link: (from, to) => fs.linkSync(from, to),
  unlink(path) {
    try {
      fs.unlinkSync(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  },
  syncFolder: syncFolderNow,
  names: (path) => (fs.existsSync(path) ? fs.readdirSync(path) : []),
  removeFolder: (path) => fs.rmdirSync(path),
  openLog: (path) => fs.openSync(path, "r+"),
  syncLater: (file) =>
    new Promise((done, failed) => fs.fdatasync(file, (error) => (error ? failed(error) : done()))),
  syncFolderLater: syncFolder,
};

const codes = new Map<string, FaultCode>([
  ["ENOSPC", "no-space"],
  ["EDQUOT", "no-space"],
  ["EROFS", "read-only"],
  ["EACCES", "read-only"],
  ["EPERM", "read-only"],
  ["EMFILE", "too-many"],
  ["ENFILE", "too-many"],
  ["ENOMEM", "too-many"],
  ["EFBIG", "too-large"],
]);

const words = new Map<FaultCode, string>([
  ["no-space", "the disk is full"],
  ["read-only", "the disk may not be written"],
  ["too-many", "too many files are open"],
  ["too-large", "the file system keeps no file so large"],
]);

export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** What an error of the file system means. Paths inside the store are not told. */
export function fileFault(error: unknown): Fault {
  const code = codes.get(codeOf(error)) ?? "io";
  return fault(code, words.get(code) ?? "the disk cannot be read or written", {
    where: codeOf(error) || String(error),
  });
}

/** `blobs/yz/…yz`: 1024 folders, so that none grows beyond what a file system likes. */
export const blobPath = (folder: string, file: string): string => join(folder, file.slice(-2), file);
