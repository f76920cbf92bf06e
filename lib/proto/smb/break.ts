import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.23.1, §2.2.24.1, §2.2.25.1: notification, acknowledgment and response of an oplock break
 *  alike: size u16 = 24, level u8, reserved u8, reserved u32, file id. */
export interface OplockBreak {
  readonly kind: "oplock";
  readonly level: number;
  readonly file: FileId;
}

/** MS-SMB2 §2.2.24.2 and §2.2.25.2: acknowledgment and response of a lease break: size u16 = 36, reserved
 *  u16, flags u32, key[16], state u32, duration u64. */
export interface LeaseBreakAck {
  readonly kind: "lease";
  readonly key: Uint8Array;
  readonly state: number;
}

export function readBreakAck(r: Reader): OplockBreak | LeaseBreakAck {
  const size = r.u16le();
  r.expect(size === 24 || size === 36, "structure size");
  if (size === 24) {
    const level = r.u8();
    r.skip(5);
    return { kind: "oplock", level, file: readFileId(r) };
  }
  r.skip(6);
  return { kind: "lease", key: r.bytes(16), state: r.u32le() };
}

export function writeBreakAck(w: Writer, ack: OplockBreak | LeaseBreakAck): void {
  if (ack.kind === "oplock") {
    w.u16le(24);
    w.u8(ack.level);
    w.zeros(5);
    writeFileId(w, ack.file);
    return;
  }
  w.u16le(36);
  w.zeros(6);
  w.bytes(ack.key);
  w.u32le(ack.state);
  w.u64le(0n);
}

/** MS-SMB2 §2.2.23.2: size u16 = 44, new epoch u16, flags u32 (1: acknowledge it), key[16], current state
 *  u32, new state u32, break reason u32, access and share mask hints u32. */
export interface LeaseBreak {
  readonly epoch: number;
  readonly wantsAck: boolean;
  readonly key: Uint8Array;
  readonly from: number;
  readonly to: number;
}

export function readLeaseBreak(r: Reader): LeaseBreak {
  r.expect(r.u16le() === 44, "structure size");
  const epoch = r.u16le();
  const flags = r.u32le();
  return { epoch, wantsAck: (flags & 1) !== 0, key: r.bytes(16), from: r.u32le(), to: r.u32le() };
}

export function writeLeaseBreak(w: Writer, notice: LeaseBreak): void {
  w.u16le(44);
  w.u16le(notice.epoch);
  w.u32le(notice.wantsAck ? 1 : 0);
  w.bytes(notice.key);
  w.u32le(notice.from);
  w.u32le(notice.to);
  w.zeros(12);
}
