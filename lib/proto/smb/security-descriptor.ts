import { Writer } from "../../wire/writer.ts";

/** MS-DTYP §2.4.2: S-1-authority-sub-sub… */
export interface Sid {
  readonly authority: number;
  readonly parts: readonly number[];
}

export const wellKnown = {
  everyone: { authority: 1, parts: [0] },
  administrators: { authority: 5, parts: [32, 544] },
} as const satisfies Record<string, Sid>;

/** MS-DTYP §2.4.4.1. */
export interface Ace {
  /** 0 allow, 1 deny. */
  readonly type: number;
  readonly flags: number;
  readonly mask: number;
  readonly sid: Sid;
}

export const aceFlag = { objectInherit: 1, containerInherit: 2 } as const;

/** Which parts of a descriptor are asked for or set. */
export const securityPart = { owner: 1, group: 2, dacl: 4, sacl: 8 } as const;

/** MS-DTYP §2.4.6, self-relative: revision u8 = 1, 0, control u16, offsets of owner, group, SACL and DACL
 *  u32. */
export interface Descriptor {
  readonly owner: Sid | undefined;
  readonly group: Sid | undefined;
  readonly dacl: readonly Ace[] | undefined;
}

const control = { daclPresent: 0x4, selfRelative: 0x8000 } as const;

export function descriptorBytes(descriptor: Descriptor): Uint8Array {
  const w = new Writer();
  w.u8(1);
  w.u8(0);
  w.u16le(control.selfRelative | (descriptor.dacl ? control.daclPresent : 0));
  w.zeros(16);
  if (descriptor.owner) {
    w.patchU32le(4, w.length);
    writeSid(w, descriptor.owner);
  }
  if (descriptor.group) {
    w.patchU32le(8, w.length);
    writeSid(w, descriptor.group);
  }
  if (descriptor.dacl) {
    w.patchU32le(16, w.length);
    writeAcl(w, descriptor.dacl);
  }
  return w.take();
}

/** Revision u8 = 2, 0, size u16, count u16, 0 u16, entries. */
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

/** Revision u8 = 1, count u8, authority[6] big-endian, parts u32. */
export function writeSid(w: Writer, sid: Sid): void {
  w.u8(1);
  w.u8(sid.parts.length);
  w.u16(0);
  w.u32(sid.authority);
  for (const part of sid.parts) w.u32le(part);
}
