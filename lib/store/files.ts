import type { Path } from "../base/path.ts";
import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { Page } from "./content.ts";

export type FileKind = "file" | "folder" | "link";

export interface FileStat {
  readonly kind: FileKind;
  readonly size: number;
  readonly modifiedAt: UnixMs;
  readonly createdAt: UnixMs;
  /** Permission bits, 0o000–0o777. */
  readonly mode: number;
  /** Names to show; never used to decide. */
  readonly owner: string;
  readonly group: string;
  /** Stable while the file exists; what MLSD calls unique and SMB a file id. */
  readonly id: string;
  /** What a door keeps of its own about the file and nobody else reads: SMB's attributes and exact times.
   *  It moves with the file. Undefined where none was ever set. */
  readonly note?: string | undefined;
}

export interface DirEntry extends FileStat {
  readonly name: string;
}

export interface FileChange {
  readonly modifiedAt?: UnixMs;
  readonly mode?: number;
  /** At most 200 printable ASCII characters. Faults: unsupported, where none can be kept. */
  readonly note?: string;
  /** Cuts or extends with zeros. */
  readonly size?: number;
}

export interface OpenHow {
  readonly read: boolean;
  readonly write: boolean;
  /** "must": not-found where absent; "may": made where absent; "new": exists where present. */
  readonly create: "must" | "may" | "new";
  /** Begin with no bytes. */
  readonly truncate: boolean;
}

/** An open file. Reads see the bytes as they were at opening, and what this handle has written.
 *  Writes are seen by others only after `close` has published them. */
export interface OpenFile {
  stat(): Promise<Result<FileStat>>;
  /** At most `length` bytes from `offset`; fewer only at the end; none past it. */
  read(offset: number, length: number): Promise<Result<Uint8Array>>;
  /** Faults: quota, no-space, read-only. The bytes belong to the store once given. */
  write(offset: number, bytes: Uint8Array): Promise<Result<void>>;
  change(change: FileChange): Promise<Result<void>>;
  /** What was written survives a power cut when this resolves (though not yet under its name). */
  flush(): Promise<Result<void>>;
  /** Publishes what was written as the name's content, durably. Faults: conflict (another door replaced the
   *  name since it was opened and the bucket keeps no versions), quota, not-found (its folder is gone). */
  close(): Promise<Result<void>>;
  /** Forgets what was written. */
  discard(): Promise<void>;
  /** The plain file behind a handle opened for reading only, where there is one: for zero-copy doors. */
  readonly file: { readonly path: string; readonly offset: number } | undefined;
}

export interface Space {
  /** Bytes; the least of disk and quotas. */
  readonly total: number;
  readonly free: number;
}

/** What the view's principal may do with a name. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly remove: boolean;
  /** See what is in it. */
  readonly list: boolean;
}

/** By name in one folder; undefined: the folder itself. */
export type RightsIn = (name: string | undefined, kind: FileKind) => Rights;

/** A tree of folders and files: what FTP, SFTP and SMB need. One view belongs to one principal and one root,
 *  is already guarded by `rules`, and never shows or touches anything outside its root.
 *  Faults beside each method's own: denied, bad-name, io, too-many, no-space, read-only, unsupported. */
export interface Files {
  /** Faults: not-found, not-directory (a name on the way is a file). */
  stat(path: Path): Promise<Result<FileStat>>;
  /** Names in byte order, strictly after `after` ("" from the start); `limit` 1–1000.
   *  Faults: not-found, not-directory. */
  list(path: Path, after: string, limit: number): Promise<Result<Page<DirEntry>>>;
  /** Faults: not-found, exists, is-directory, busy, retained. */
  open(path: Path, how: OpenHow): Promise<Result<OpenFile>>;
  /** Faults: exists, not-found (no parent). */
  makeFolder(path: Path): Promise<Result<void>>;
  /** Faults: not-found, is-directory, busy, retained. */
  removeFile(path: Path): Promise<Result<void>>;
  /** Faults: not-found, not-directory, not-empty. */
  removeFolder(path: Path): Promise<Result<void>>;
  /** Faults: not-found, exists (without `replace`, or a folder that is not empty), invalid (into itself). */
  rename(from: Path, to: Path, replace: boolean): Promise<Result<void>>;
  /** Faults: not-found. */
  change(path: Path, change: FileChange): Promise<Result<void>>;
  space(): Promise<Result<Space>>;
  /** What may be done in a folder, to tell people beforehand; absent where the modes say it. What is really
   *  done is asked again. */
  rights?(folder: Path): Promise<Result<RightsIn>>;
}
