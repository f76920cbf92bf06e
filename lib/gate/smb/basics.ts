import type { DirEntry, FileStat } from "../../store/files.ts";
import { attribute, type FileBasics } from "../../proto/smb/create.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { noteOf, noteOver, type FileNote } from "./note.ts";

const clusterBytes = 4096;

/** What a client is told of a file: the store's facts, under what SMB knows better. */
export function basicsOf(stat: FileStat, known: FileNote = {}): FileBasics {
  const isFolder = stat.kind === "folder";
  const note = noteOver(noteOf(stat), known);
  const written = note.written ?? fileTime(stat.modifiedAt);
  return {
    created: note.created ?? fileTime(stat.createdAt),
    accessed: note.accessed ?? written,
    written,
    changed: note.changed ?? written,
    allocation: isFolder ? 0n : allocationOf(stat.size),
    size: isFolder ? 0n : BigInt(stat.size),
    attributes: shownAttributes(note.attributes, stat, known.attributes),
  };
}

export const allocationOf = (size: number): bigint => BigInt(Math.ceil(size / clusterBytes) * clusterBytes);

/** What clients may set; the others say what the file is. */
const settable =
  attribute.readOnly |
  attribute.hidden |
  attribute.system |
  attribute.archive |
  attribute.temporary |
  attribute.offline;
export const keptAttributes = (asked: number): number => asked & settable;

/** Whether a file may be written is the store's to say, until what was set here is published; "normal" stands
 *  alone. */
function shownAttributes(noted: number | undefined, stat: FileStat, unpublished?: number): number {
  const isFolder = stat.kind === "folder";
  const base = keptAttributes(noted ?? (isFolder ? 0 : attribute.archive)) & ~attribute.readOnly;
  const told = isFolder ? (noted ?? 0) : (unpublished ?? 0);
  const isLocked = (stat.mode & 0o200) === 0 && (isFolder || unpublished === undefined);
  const readOnly = (told & attribute.readOnly) | (isLocked ? attribute.readOnly : 0);
  const shown = base | readOnly | (isFolder ? attribute.directory : 0);
  return shown === 0 ? attribute.normal : shown;
}

/** The store's id as the 64 bits that SMB has room for (FNV-1a: spread, not secret). */
export function fileNumber(id: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < id.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(id.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash === 0n ? 1n : hash;
}

export const rowOf = (name: string, stat: FileStat | DirEntry, known?: FileNote) => ({
  name,
  basics: basicsOf(stat, known),
  fileId: fileNumber(stat.id),
  eaBytes: 0,
});
