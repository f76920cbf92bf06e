import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";

export const smb2Magic = 0x424d53fe;
export const headerSize = 64;

/** MS-SMB2 §2.2.1. */
export const command = {
  negotiate: 0,
  sessionSetup: 1,
  logoff: 2,
  treeConnect: 3,
  treeDisconnect: 4,
  create: 5,
  close: 6,
  flush: 7,
  read: 8,
  write: 9,
  lock: 10,
  ioctl: 11,
  cancel: 12,
  echo: 13,
  queryDirectory: 14,
  changeNotify: 15,
  queryInfo: 16,
  setInfo: 17,
  oplockBreak: 18,
} as const;

export const headerFlag = {
  response: 0x1,
  async: 0x2,
  related: 0x4,
  signed: 0x8,
  priority: 0x70,
  dfs: 0x10000000,
  replay: 0x20000000,
} as const;

/** MS-SMB2 §2.2.1.1 and §2.2.1.2
 *   0 ProtocolId FE 'SMB'         4 StructureSize u16 = 64    6 CreditCharge u16
 *   8 Status u32, in requests ChannelSequence u16 and reserved
 *  12 Command u16                14 CreditRequest/Response u16
 *  16 Flags u32                  20 NextCommand u32
 *  24 MessageId u64
 *  32 reserved u32, TreeId u32; with the async flag AsyncId u64
 *  40 SessionId u64              48 Signature[16]             */
export interface Header {
  readonly creditCharge: number;
  readonly status: number;
  readonly command: number;
  readonly credits: number;
  readonly flags: number;
  readonly next: number;
  readonly messageId: bigint;
  /** Of asynchronous messages; else 0. */
  readonly asyncId: bigint;
  /** Of synchronous messages; else 0. */
  readonly treeId: number;
  readonly sessionId: bigint;
  readonly signature: Uint8Array;
}

export function readHeader(r: Reader): Header {
  r.expect(r.u32le() === smb2Magic, "not SMB2");
  r.expect(r.u16le() === headerSize, "a header of another size");
  const creditCharge = r.u16le();
  const status = r.u32le();
  const command = r.u16le();
  const credits = r.u16le();
  const flags = r.u32le();
  const next = r.u32le();
  const messageId = r.u64le();
  const isAsync = (flags & headerFlag.async) !== 0;
  const asyncId = isAsync ? r.u64le() : 0n;
  const treeId = isAsync ? 0 : (r.skip(4), r.u32le());
  const sessionId = r.u64le();
  const signature = r.bytes(16);
  return {
    creditCharge,
    status,
    command,
    credits,
    flags,
    next,
    messageId,
    asyncId,
    treeId,
    sessionId,
    signature,
  };
}

export function writeHeader(w: Writer, h: Header): void {
  w.u32le(smb2Magic);
  w.u16le(headerSize);
  w.u16le(h.creditCharge);
  w.u32le(h.status);
  w.u16le(h.command);
  w.u16le(h.credits);
  w.u32le(h.flags);
  w.u32le(h.next);
  w.u64le(h.messageId);
  if ((h.flags & headerFlag.async) !== 0) w.u64le(h.asyncId);
  else {
    w.u32le(0);
    w.u32le(h.treeId);
  }
  w.u64le(h.sessionId);
  w.bytes(h.signature);
}

/** Where the signature stands in a header. */
export const signatureAt = 48;

/** MS-SMB2 §2.2.14.1: names an open file; the persistent half outlives the connection of a durable one. */
export interface FileId {
  readonly persistent: bigint;
  readonly volatile: bigint;
}

const all = 0xffff_ffff_ffff_ffffn;
/** "The file of the request before this one", in a compound. */
export const relatedFile: FileId = { persistent: all, volatile: all };
export const isRelatedFile = (id: FileId): boolean => id.persistent === all && id.volatile === all;

export const readFileId = (r: Reader): FileId => ({ persistent: r.u64le(), volatile: r.u64le() });
export function writeFileId(w: Writer, id: FileId): void {
  w.u64le(id.persistent);
  w.u64le(id.volatile);
}
