import type { UnixMs } from "../../base/time.ts";
import { asUnixMs } from "../../base/time.ts";
import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readText } from "./text.ts";

/** What a client sets or is told; absent: not said. */
export interface Attributes {
  /** Infinity: more than can be counted here. */
  readonly size?: number;
  readonly owner?: { readonly user: number; readonly group: number };
  /** With the file's type in its upper bits where the server says it. */
  readonly mode?: number;
  readonly modifiedAt?: UnixMs;
}

const has = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x8000_0000 } as const;

/** filexfer-02 §5
 *  uint32 flags | uint64 size | uint32 uid, gid | uint32 permissions | uint32 atime, mtime
 *  | uint32 count, then (string type, string data) each; every field only where its flag is set */
export function readAttributes(r: Reader): Attributes {
  const flags = r.u32();
  const size = flags & has.size ? { size: countOf(r.u64()) } : {};
  const owner = flags & has.owner ? { owner: { user: r.u32(), group: r.u32() } } : {};
  const mode = flags & has.mode ? { mode: r.u32() } : {};
  const times = flags & has.times ? { modifiedAt: readTimes(r) } : {};
  if (flags & has.extended) skipExtended(r);
  return { ...size, ...owner, ...mode, ...times };
}

function readTimes(r: Reader): UnixMs {
  r.skip(4); // atime: not kept
  return asUnixMs(r.u32() * 1000);
}

function skipExtended(r: Reader): void {
  const count = r.u32();
  r.expect(count <= 64, "more than 64 extended attributes");
  for (let i = 0; i < count; i++) {
    readText(r);
    readText(r);
  }
}

export function writeAttributes(w: Writer, a: Attributes): void {
  const flags =
    (a.size === undefined ? 0 : has.size) |
    (a.owner === undefined ? 0 : has.owner) |
    (a.mode === undefined ? 0 : has.mode) |
    (a.modifiedAt === undefined ? 0 : has.times);
  w.u32(flags);
  if (a.size !== undefined) w.u64(BigInt(a.size));
  if (a.owner !== undefined) {
    w.u32(a.owner.user);
    w.u32(a.owner.group);
  }
  if (a.mode !== undefined) w.u32(a.mode);
  if (a.modifiedAt === undefined) return;
  const seconds = Math.min(0xffff_ffff, Math.max(0, Math.floor(a.modifiedAt / 1000)));
  w.u32(seconds);
  w.u32(seconds);
}

/** A uint64 as a number; Infinity above 2^53 - 1. */
export const countOf = (value: bigint): number =>
  value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
