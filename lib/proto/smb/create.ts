import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { utf16, utf16Text } from "../../wire/utf16.ts";
import { readCreateContexts, writeCreateContexts, type CreateContext } from "./create-context.ts";
import type { FileTime } from "./filetime.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.13.1. */
export const access = {
  readData: 0x1,
  writeData: 0x2,
  appendData: 0x4,
  readEa: 0x8,
  writeEa: 0x10,
  execute: 0x20,
  deleteChild: 0x40,
  readAttributes: 0x80,
  writeAttributes: 0x100,
  delete: 0x10000,
  readControl: 0x20000,
  writeDac: 0x40000,
  writeOwner: 0x80000,
  synchronize: 0x100000,
  systemSecurity: 0x1000000,
  maximumAllowed: 0x2000000,
  genericAll: 0x10000000,
  genericExecute: 0x20000000,
  genericWrite: 0x40000000,
  genericRead: 0x80000000,
} as const;
/** Every right a file has. */
export const allAccess = 0x1f01ff;

export const share = { read: 1, write: 2, delete: 4 } as const;

export const disposition = {
  supersede: 0,
  open: 1,
  create: 2,
  openIf: 3,
  overwrite: 4,
  overwriteIf: 5,
} as const;

export const createAction = { superseded: 0, opened: 1, created: 2, overwritten: 3 } as const;

export const createOption = {
  directory: 0x1,
  writeThrough: 0x2,
  nonDirectory: 0x40,
  completeIfOplocked: 0x100,
  noEa: 0x200,
  deleteOnClose: 0x1000,
  byFileId: 0x2000,
  backupIntent: 0x4000,
  openReparsePoint: 0x200000,
} as const;

export const oplock = { none: 0, levelTwo: 1, exclusive: 8, batch: 9, lease: 0xff } as const;

/** MS-FSCC §2.6. */
export const attribute = {
  readOnly: 0x1,
  hidden: 0x2,
  system: 0x4,
  directory: 0x10,
  archive: 0x20,
  normal: 0x80,
  temporary: 0x100,
  sparse: 0x200,
  reparse: 0x400,
  offline: 0x1000,
} as const;

/** MS-SMB2 §2.2.13: size u16 = 57, security flags u8, oplock u8, impersonation u32, create flags u64,
 *  reserved u64, desired access u32, attributes u32, share access u32, disposition u32, options u32, name
 *  offset u16 and length u16, contexts offset u32 and length u32. */
export interface CreateRequest {
  readonly oplock: number;
  readonly impersonation: number;
  readonly access: number;
  readonly attributes: number;
  readonly share: number;
  readonly disposition: number;
  readonly options: number;
  /** Relative to the share, names divided by `\`. */
  readonly name: string;
  readonly contexts: readonly CreateContext[];
}

export function readCreateRequest(r: Reader): CreateRequest {
  r.expect(r.u16le() === 57, "structure size");
  r.skip(1);
  const oplockLevel = r.u8();
  const impersonation = r.u32le();
  r.skip(16);
  const desired = r.u32le();
  const attributes = r.u32le();
  const shareAccess = r.u32le();
  const how = r.u32le();
  const options = r.u32le();
  const nameOffset = r.u16le();
  const nameLength = r.u16le();
  const contextsOffset = r.u32le();
  const contextsLength = r.u32le();
  r.expect(nameLength % 2 === 0, "name length");
  if (nameLength > 0) r.seek(nameOffset);
  const name = utf16Text(r.bytes(nameLength));
  if (contextsLength > 0) r.seek(contextsOffset);
  const contexts = contextsLength > 0 ? readCreateContexts(r.part(contextsLength)) : [];
  return {
    oplock: oplockLevel,
    impersonation,
    access: desired,
    attributes,
    share: shareAccess,
    disposition: how,
    options,
    name,
    contexts,
  };
}

export function writeCreateRequest(w: Writer, request: CreateRequest): void {
  const name = utf16(request.name);
  w.u16le(57);
  w.u8(0);
  w.u8(request.oplock);
  w.u32le(request.impersonation);
  w.zeros(16);
  w.u32le(request.access);
  w.u32le(request.attributes);
  w.u32le(request.share);
  w.u32le(request.disposition);
  w.u32le(request.options);
  w.u16le(headerSize + 56);
  w.u16le(name.length);
  const contextsAt = w.length;
  w.u32le(0);
  w.u32le(0);
  w.bytes(name);
  if (name.length === 0) w.u8(0);
  writeContextsAt(w, request.contexts, contextsAt);
}

/** What every answer about a file says of it: times, sizes, attributes. */
export interface FileBasics {
  readonly created: FileTime;
  readonly accessed: FileTime;
  readonly written: FileTime;
  readonly changed: FileTime;
  readonly allocation: bigint;
  readonly size: bigint;
  readonly attributes: number;
}

export function readBasics(r: Reader): FileBasics {
  const [created, accessed, written, changed] = [r.u64le(), r.u64le(), r.u64le(), r.u64le()];
  const [allocation, size, attributes] = [r.u64le(), r.u64le(), r.u32le()];
  return { created, accessed, written, changed, allocation, size, attributes };
}

export function writeBasics(w: Writer, basics: FileBasics): void {
  w.u64le(basics.created);
  w.u64le(basics.accessed);
  w.u64le(basics.written);
  w.u64le(basics.changed);
  w.u64le(basics.allocation);
  w.u64le(basics.size);
  w.u32le(basics.attributes);
}

/** MS-SMB2 §2.2.14: size u16 = 89, oplock u8, flags u8, action u32, basics, reserved u32, file id, contexts
 *  offset u32 and length u32. */
export interface CreateResponse {
  readonly oplock: number;
  readonly action: number;
  readonly basics: FileBasics;
  readonly file: FileId;
  readonly contexts: readonly CreateContext[];
}

export function readCreateResponse(r: Reader): CreateResponse {
  r.expect(r.u16le() === 89, "structure size");
  const oplockLevel = r.u8();
  r.skip(1);
  const action = r.u32le();
  const basics = readBasics(r);
  r.skip(4);
  const file = readFileId(r);
  const offset = r.u32le();
  const length = r.u32le();
  if (length > 0) r.seek(offset);
  const contexts = length > 0 ? readCreateContexts(r.part(length)) : [];
  return { oplock: oplockLevel, action, basics, file, contexts };
}

export function writeCreateResponse(w: Writer, response: CreateResponse): void {
  w.u16le(89);
  w.u8(response.oplock);
  w.u8(0);
  w.u32le(response.action);
  writeBasics(w, response.basics);
  w.u32le(0);
  writeFileId(w, response.file);
  const contextsAt = w.length;
  w.u32le(0);
  w.u32le(0);
  writeContextsAt(w, response.contexts, contextsAt);
}

function writeContextsAt(w: Writer, contexts: readonly CreateContext[], at: number): void {
  if (contexts.length === 0) return;
  w.align(8);
  const start = w.length;
  writeCreateContexts(w, contexts);
  w.patchU32le(at, start);
  w.patchU32le(at + 4, w.length - start);
}
