import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

/** MS-DTYP §2.4.2: S-1-authority-sub-sub… */
export interface Sid {
  readonly authority: number;
  readonly parts: readonly number[];
}

export const wellKnown = {
  everyone: { authority: 1, parts: [0] },
  creatorOwner: { authority: 3, parts: [0] },
  creatorGroup: { authority: 3, parts: [1] },
  ownerRights: { authority: 3, parts: [4] },
  network: { authority: 5, parts: [2] },
  authenticated: { authority: 5, parts: [11] },
  system: { authority: 5, parts: [18] },
  administrators: { authority: 5, parts: [32, 544] },
  users: { authority: 5, parts: [32, 545] },
} as const satisfies Record<string, Sid>;

/** "S-1-5-32-544". */
export const sidText = ({ authority, parts }: Sid): string => ["S-1", authority, ...parts].join("-");
export const isSameSid = (a: Sid, b: Sid): boolean =>
  a.authority === b.authority &&
  a.parts.length === b.parts.length &&
  a.parts.every((part, i) => part === b.parts[i]);

export const aceType = { allow: 0, deny: 1 } as const;

/** MS-DTYP §2.4.4.1. */
export interface Ace {
  readonly type: number;
  readonly flags: number;
  readonly mask: number;
  readonly sid: Sid;
}

export const aceFlag = {
  objectInherit: 1,
  containerInherit: 2,
  noPropagate: 4,
  inheritOnly: 8,
  inherited: 0x10,
} as const;

/** Which parts of a descriptor are asked for or set. */
export const securityPart = { owner: 1, group: 2, dacl: 4, sacl: 8 } as const;

/** MS-DTYP §2.4.6. */
export const descriptorControl = {
  daclPresent: 0x4,
  autoInheritRequested: 0x100,
  autoInherited: 0x400,
  protected: 0x1000,
  selfRelative: 0x8000,
} as const;

/** MS-DTYP §2.4.6, self-relative: revision u8 = 1, 0, control u16, offsets of owner, group, SACL and DACL
 *  u32. What is audited (SACL) is not read. */
export interface Descriptor {
  /** Of `descriptorControl`, without "present" and "self-relative", which follow from the rest. */
  readonly control: number;
  readonly owner: Sid | undefined;
  readonly group: Sid | undefined;
  /** Undefined: none is there; "everyone": one that is empty of all rules, so that everybody may everything;
   *  an empty list lets nobody in. */
  readonly dacl: readonly Ace[] | "everyone" | undefined;
}

const maxEntries = 1024;

/** Undefined where it is malformed. */
export function descriptorIn(bytes: Uint8Array): Descriptor | undefined {
  const read = decode(readDescriptor, bytes);
  return read.ok ? read.value : undefined;
}

export function readDescriptor(r: Reader): Descriptor {
  r.expect(r.u8() === 1, "revision");
  r.skip(1);
  const flags = r.u16le();
  const [owner, group, , dacl] = [r.u32le(), r.u32le(), r.u32le(), r.u32le()];
  const at = <T>(offset: number, read: (r: Reader) => T): T => (r.seek(offset), read(r));
  const { daclPresent, selfRelative } = descriptorControl;
  const hasList = (flags & daclPresent) !== 0;
  return {
    control: flags & ~(daclPresent | selfRelative | 0x10),
    owner: owner === 0 ? undefined : at(owner, readSid),
    group: group === 0 ? undefined : at(group, readSid),
    dacl: hasList ? (dacl === 0 ? "everyone" : at(dacl, readAcl)) : undefined,
  };
}

export function descriptorBytes(descriptor: Descriptor): Uint8Array {
  const { daclPresent, selfRelative } = descriptorControl;
  const w = new Writer();
  w.u8(1);
  w.u8(0);
  w.u16le(descriptor.control | selfRelative | (descriptor.dacl ? daclPresent : 0));
  w.zeros(16);
  if (descriptor.owner) {
    w.patchU32le(4, w.length);
    writeSid(w, descriptor.owner);
  }
  if (descriptor.group) {
    w.patchU32le(8, w.length);
    writeSid(w, descriptor.group);
  }
  if (descriptor.dacl && descriptor.dacl !== "everyone") {
    w.patchU32le(16, w.length);
    writeAcl(w, descriptor.dacl);
  }
  return w.take();
}

/** MS-DTYP §2.4.5: revision u8, 0, size u16, count u16, 0 u16, entries. */
function readAcl(r: Reader): Ace[] {
  r.skip(1 + 1 + 2);
  const count = r.u16le();
  r.skip(2);
  r.expect(count <= maxEntries, "too many entries");
  return Array.from({ length: count }, () => readAce(r));
}

/** Type u8, flags u8, size u16, mask u32, SID. */
function readAce(r: Reader): Ace {
  const [type, flags, size] = [r.u8(), r.u8(), r.u16le()];
  r.expect(type === aceType.allow || type === aceType.deny, "kind of entry");
  r.expect(size >= 16, "size of an entry");
  const body = r.part(size - 4);
  return { type, flags, mask: body.u32le(), sid: readSid(body) };
}

function writeAcl(w: Writer, entries: readonly Ace[]): void {
  const start = w.length;
  w.u8(2);
  w.u8(0);
  w.u16le(0);
  w.u16le(entries.length);
  w.u16le(0);
  for (const { type, flags, mask, sid } of entries) {
    w.u8(type);
    w.u8(flags);
    w.u16le(8 + 8 + sid.parts.length * 4);
    w.u32le(mask);
    writeSid(w, sid);
  }
  w.patchU16le(start + 2, w.length - start);
}

export function sidBytes(sid: Sid): Uint8Array {
  const w = new Writer();
  writeSid(w, sid);
  return w.take();
}

/** Revision u8 = 1, count u8, authority[6] big-endian, parts u32. */
export function readSid(r: Reader): Sid {
  r.expect(r.u8() === 1, "revision of a SID");
  const count = r.u8();
  r.expect(count <= 15, "parts of a SID");
  const authority = r.u16() * 2 ** 32 + r.u32();
  return { authority, parts: Array.from({ length: count }, () => r.u32le()) };
}

export function writeSid(w: Writer, sid: Sid): void {
  w.u8(1);
  w.u8(sid.parts.length);
  w.u16(Math.floor(sid.authority / 2 ** 32));
  w.u32(sid.authority % 2 ** 32);
  for (const part of sid.parts) w.u32le(part);
}
