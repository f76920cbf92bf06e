import type { ServerStatus } from "../../proto/ntp/exchange.ts";
import { leaps, type Leap } from "../../proto/ntp/header.ts";
import type { Timestamp } from "../../proto/ntp/timestamp.ts";

/** What the system says of its own clock, which somebody else may keep. */
export interface SystemClockState {
  readonly synchronised: boolean;
  readonly leap: "none" | "insert" | "delete" | "now";
  /** Seconds. */
  readonly maxError: number;
}

/** What we claim while no source of ours vouches for the time. */
export interface LocalClaim {
  /** 1–15; 0: claim nothing, and tell clients that we are unsynchronised. */
  readonly stratum: number;
  /** Seconds: the error we state where nobody vouches for the system's clock. */
  readonly dispersion: number;
}

/** 127.127.1.1: "this host's own clock", as every NTP server writes it. */
export const localReference = 0x7f7f0101;

/** The status of a server of the system's clock, without sources of its own: the local stratum, with the
 *  system's stated error where somebody keeps its clock, and ours where nobody does. */
export function localStatus(
  system: SystemClockState | undefined,
  claim: LocalClaim,
  precision: number,
  reference: Timestamp,
): ServerStatus {
  const vouched = system?.synchronised === true;
  const claims = claim.stratum > 0;
  return {
    leap: claims ? (vouched ? leapOf[system.leap] : leaps.none) : leaps.unsynchronised,
    stratum: claims ? claim.stratum : 0,
    precision,
    rootDelay: 0,
    rootDispersion: vouched ? system.maxError : claim.dispersion,
    referenceId: localReference,
    reference,
  };
}

const leapOf: Record<SystemClockState["leap"], Leap> = {
  none: leaps.none,
  insert: leaps.lastMinute61,
  delete: leaps.lastMinute59,
  now: leaps.none,
};
