import { asUnixMs, type UnixMs } from "../../base/time.ts";

/** Units of 100 ns since 1601-01-01T00:00:00Z (MS-DTYP §2.3.3). */
export type FileTime = bigint;

const epochMs = 11_644_473_600_000;

export const fileTime = (ms: UnixMs): FileTime => BigInt(Math.round((ms + epochMs) * 10)) * 1000n;

/** To the 0.1 microsecond that a double still holds; before 1601 there is nothing. */
export const unixMs = (time: FileTime): UnixMs => asUnixMs(Number(time) / 10_000 - epochMs);

/** In basic information: leave it as it is, stop updating it on this handle, update it again. */
export const keepTime: FileTime = 0n;
export const freezeTime: FileTime = 0xffff_ffff_ffff_ffffn;
export const thawTime: FileTime = 0xffff_ffff_ffff_fffen;
