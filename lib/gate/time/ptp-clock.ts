import type { ServerStatus } from "../../proto/ntp/exchange.ts";
import { leaps } from "../../proto/ntp/header.ts";
import type { ForeignMaster } from "../../proto/ptp/best-master.ts";
import { flags, type Announcement } from "../../proto/ptp/message.ts";
import type { PtpSample } from "../../proto/ptp/slave.ts";
import type { RefClaim, RefSample } from "./ref-source.ts";

/** IEEE 1588-2019 table 5: what an accuracy code means, in seconds, from 0x20 on. */
const accuracies: readonly number[] = [25, 100, 250, 1e3, 2.5e3, 1e4, 2.5e4, 1e5, 2.5e5, 1e6, 2.5e6, 1e7]
  .concat([2.5e7, 1e8, 2.5e8, 1e9, 1e10])
  .map((nanoseconds) => nanoseconds * 1e-9);
const unknownAccuracy = 1e-3;

/** What a code says; undefined where it says nothing. */
export const accuracySeconds = (code: number): number | undefined => accuracies[code - 0x20];

/** The least code that a bound of so many seconds is within. */
export function accuracyCode(bound: number): number {
  const at = accuracies.findIndex((most) => bound <= most);
  return at < 0 ? 0x31 : 0x20 + at;
}

/** What a grandmaster's class is in strata: 0 where it is locked to a reference, or was until just now. */
function stratumOf(clockClass: number): number {
  if (clockClass <= 14) return 0;
  return clockClass <= 58 ? 2 : clockClass <= 193 ? 4 : 8;
}

/** What a master says of itself, in the keeper's terms. On the PTP timescale it must tell TAI from UTC. */
export function claimOf({ announcement, flags: bits }: ForeignMaster): RefClaim {
  const { clockClass, accuracy, steps } = announcement;
  const isTai = (bits & flags.ptpTimescale) !== 0;
  return {
    stratum: Math.min(15, stratumOf(clockClass) + Math.min(steps, 4)),
    uncertainty: accuracySeconds(accuracy) ?? unknownAccuracy,
    usable: !isTai || (bits & flags.utcOffsetValid) !== 0,
  };
}

/** Standard deviation of software stamps, in seconds. */
const stampNoise = 2e-6;

/** A slave's sample in UTC. Without the PTP timescale's flag the master's seconds are UTC already. */
export function readingOf({ master, at, offset, delay }: PtpSample): RefSample {
  const { flags: bits, announcement } = master;
  const ahead = (bits & flags.ptpTimescale) === 0 ? 0 : announcement.utcOffset;
  const leap = (bits & flags.leap61) !== 0 ? 1 : (bits & flags.leap59) !== 0 ? -1 : 0;
  return { at, offset: offset - ahead, noise: stampNoise, leap, delay: Math.max(0, delay) };
}

export interface MasterClaim {
  readonly identity: Uint8Array;
  readonly priority1: number;
  readonly priority2: number;
  /** TAI − UTC. */
  readonly utcOffset: number;
}

/** What we announce while we know the time; undefined while we do not. */
export function announcementOf(
  status: ServerStatus,
  { identity, priority1, priority2, utcOffset }: MasterClaim,
): { announcement: Announcement; flags: number } | undefined {
  const { leap, stratum, rootDelay, rootDispersion } = status;
  if (leap === leaps.unsynchronised || stratum === 0) return undefined;
  const bound = rootDelay / 2 + rootDispersion;
  // A local claim (nobody vouches) is far from 10 s, and yet traceable to nothing.
  const traceable = bound < 0.5;
  const announced =
    leap === leaps.lastMinute61 ? flags.leap61 : leap === leaps.lastMinute59 ? flags.leap59 : 0;
  const trace = traceable ? flags.timeTraceable | flags.frequencyTraceable : 0;
  return {
    flags: flags.ptpTimescale | flags.utcOffsetValid | trace | announced,
    announcement: {
      utcOffset,
      priority1,
      clockClass: stratum === 1 ? 6 : 248,
      accuracy: accuracyCode(bound),
      variance: 0xffff,
      priority2,
      grandmaster: identity.subarray(0, 8),
      steps: 0,
      timeSource: stratum === 1 ? 0x20 : traceable ? 0x50 : 0xa0,
    },
  };
}
