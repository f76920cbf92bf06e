import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";

/** RFC 5905 §6: seconds since 1900-01-01 of the era, and 2⁻³² second. Both are whole, 0 … 2³²−1.
 *  All zero means "not known". */
export interface Timestamp {
  readonly seconds: number;
  readonly fraction: number;
}

export const unknownTime: Timestamp = { seconds: 0, fraction: 0 };

/** Seconds from 1900 to 1970. */
export const unixEpoch = 2_208_988_800;
const eraSeconds = 2 ** 32;

export function readTimestamp(r: Reader): Timestamp {
  return { seconds: r.u32(), fraction: r.u32() };
}
export function writeTimestamp(w: Writer, time: Timestamp): void {
  w.u32(time.seconds);
  w.u32(time.fraction);
}

/** From whole Unix seconds and nanoseconds; the era is dropped. */
export function timestampOf(unixSeconds: number, nanoseconds: number): Timestamp {
  return {
    seconds: (unixSeconds + unixEpoch) >>> 0,
    fraction: Math.min(0xffffffff, Math.floor((nanoseconds * eraSeconds) / 1e9)),
  };
}

/** Whole Unix seconds and nanoseconds, in the era whose time lies nearest `pivot` (Unix seconds): the build's
 *  date, or the last time that was trusted. Era 1 begins 2036-02-07T06:28:16Z. */
export function unixOf(time: Timestamp, pivot: number): { seconds: number; nanoseconds: number } {
  const inEra0 = time.seconds - unixEpoch;
  const era = Math.round((pivot - inEra0) / eraSeconds);
  return {
    seconds: inEra0 + era * eraSeconds,
    nanoseconds: Math.floor((time.fraction * 1e9) / eraSeconds),
  };
}

/** a − b in seconds, right across an era's end: the subtraction is modular before it becomes a float. */
export function difference(a: Timestamp, b: Timestamp): number {
  return ((a.seconds - b.seconds) | 0) + (a.fraction - b.fraction) / eraSeconds;
}

/** `time` moved by `seconds`, to about 2⁻³² s for small moves. */
export function shifted(time: Timestamp, seconds: number): Timestamp {
  const whole = Math.floor(seconds);
  const fraction = time.fraction + Math.round((seconds - whole) * eraSeconds);
  const carry = Math.floor(fraction / eraSeconds);
  return { seconds: (time.seconds + whole + carry) >>> 0, fraction: fraction >>> 0 };
}

export const sameTime = (a: Timestamp, b: Timestamp): boolean =>
  a.seconds === b.seconds && a.fraction === b.fraction;

export const isUnknown = (time: Timestamp): boolean => time.seconds === 0 && time.fraction === 0;
