import type { DirEntry, FileStat } from "../../store/files.ts";
import { attribute, type FileBasics } from "../../proto/smb/create.ts";
import { fileTime, type FileTime } from "../../proto/smb/filetime.ts";

const clusterBytes = 4096;

/** Times and attributes that clients set and the store does not keep: they hold while the file is open. */
export interface Overlay {
  readonly created?: FileTime;
  readonly accessed?: FileTime;
  readonly written?: FileTime;
  readonly changed?: FileTime;
  readonly attributes?: number;
}

export function basicsOf(stat: FileStat, over: Overlay = {}): FileBasics {
  const isFolder = stat.kind === "folder";
  const written = over.written ?? fileTime(stat.modifiedAt);
  return {
    created: over.created ?? fileTime(stat.createdAt),
    accessed: over.accessed ?? written,
    written,
    changed: over.changed ?? written,
    allocation: isFolder ? 0n : allocationOf(stat.size),
    size: isFolder ? 0n : BigInt(stat.size),
    attributes: over.attributes ?? attributesOf(stat),
  };
}

export const allocationOf = (size: number): bigint => BigInt(Math.ceil(size / clusterBytes) * clusterBytes);

function attributesOf(stat: FileStat): number {
  const readOnly = (stat.mode & 0o200) === 0 ? attribute.readOnly : 0;
  return stat.kind === "folder" ? attribute.directory | readOnly : attribute.archive | readOnly;
}

/** The store's id as the 64 bits that SMB has room for (FNV-1a: spread, not secret). */
export function fileNumber(id: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < id.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(id.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash === 0n ? 1n : hash;
}

export const rowOf = (name: string, stat: FileStat | DirEntry, over?: Overlay) => ({
  name,
  basics: basicsOf(stat, over),
  fileId: fileNumber(stat.id),
  eaBytes: 0,
});
