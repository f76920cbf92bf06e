import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readTimestamp, writeTimestamp, type Timestamp } from "./timestamp.ts";

export const headerBytes = 48;

export const modes = {
  symmetricActive: 1,
  symmetricPassive: 2,
  client: 3,
  server: 4,
  broadcast: 5,
  control: 6,
  private: 7,
} as const;

/** Leap indicator: what the last minute of the day will be, or that nobody knows the time. */
export const leaps = { none: 0, lastMinute61: 1, lastMinute59: 2, unsynchronised: 3 } as const;
export type Leap = (typeof leaps)[keyof typeof leaps];

/** The first 48 bytes of every NTP packet of modes 1–5. */
export interface Header {
  readonly leap: Leap;
  /** 0–7; 1–4 exist. */
  readonly version: number;
  /** 0–7. */
  readonly mode: number;
  /** 0 kiss or unspecified, 1 primary, 2–15 secondary. */
  readonly stratum: number;
  /** log₂ seconds. */
  readonly poll: number;
  /** log₂ seconds. */
  readonly precision: number;
  /** Seconds, to 2⁻¹⁶. */
  readonly rootDelay: number;
  /** Seconds, to 2⁻¹⁶. */
  readonly rootDispersion: number;
  readonly referenceId: number;
  readonly reference: Timestamp;
  readonly origin: Timestamp;
  readonly receive: Timestamp;
  readonly transmit: Timestamp;
}

/** RFC 5905 §7.3
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  |LI | VN  |Mode |    Stratum    |     Poll      |   Precision   |
 *  |                          Root delay                           |
 *  |                       Root dispersion                         |
 *  |                         Reference id                          |
 *  |                   Reference timestamp (64)                    |
 *  |                     Origin timestamp (64)                     |
 *  |                    Receive timestamp (64)                     |
 *  |                    Transmit timestamp (64)                    |  */
export function readHeader(r: Reader): Header {
  const flags = r.u8();
  return {
    leap: (flags >> 6) as Leap,
    version: (flags >> 3) & 7,
    mode: flags & 7,
    stratum: r.u8(),
    poll: r.i8(),
    precision: r.i8(),
    rootDelay: r.u32() / 65536,
    rootDispersion: r.u32() / 65536,
    referenceId: r.u32(),
    reference: readTimestamp(r),
    origin: readTimestamp(r),
    receive: readTimestamp(r),
    transmit: readTimestamp(r),
  };
}

export function writeHeader(w: Writer, h: Header): void {
  w.u8((h.leap << 6) | (h.version << 3) | h.mode);
  w.u8(h.stratum);
  w.i8(h.poll);
  w.i8(h.precision);
  w.u32(shortSeconds(h.rootDelay));
  w.u32(shortSeconds(h.rootDispersion));
  w.u32(h.referenceId);
  writeTimestamp(w, h.reference);
  writeTimestamp(w, h.origin);
  writeTimestamp(w, h.receive);
  writeTimestamp(w, h.transmit);
}

/** u16.16, rounded up, because both fields bound an error; too much becomes the most there is. */
const shortSeconds = (seconds: number): number =>
  Math.min(0xffffffff, Math.max(0, Math.ceil(seconds * 65536)));

/** A reference id of four ASCII letters: the kind of clock at stratum 1, a kiss code at stratum 0. */
export function referenceIdOf(letters: string): number {
  let id = 0;
  for (let i = 0; i < 4; i++) id = id * 256 + (letters.charCodeAt(i) || 0);
  return id;
}

/** The letters of a reference id; undefined where they are not printable ASCII padded with zeros. */
export function referenceLetters(id: number): string | undefined {
  const bytes = [id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255];
  const letters = String.fromCharCode(...bytes).replace(/\0+$/, "");
  return /^[\x21-\x7e]+$/.test(letters) ? letters : undefined;
}
