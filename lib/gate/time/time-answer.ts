import { leaps, type Leap } from "../../proto/ntp/header.ts";
import type { ServerStatus } from "../../proto/ntp/exchange.ts";

/** The time with its bound, as an application wants it: an event stamped between another's `earliest` and
 *  `latest` may have been at the same moment; beyond them it was not. Moments are RFC 3339 with
 *  microseconds. */
export interface TimeAnswer {
  readonly time: string;
  readonly earliest: string;
  readonly latest: string;
  /** Unix seconds. */
  readonly unix: number;
  /** Seconds that the time may be wrong by. */
  readonly bound: number;
  readonly stratum: number;
  readonly leap: "none" | "insert" | "delete";
}

const leapTexts: Record<Leap, TimeAnswer["leap"]> = { 0: "none", 1: "insert", 2: "delete", 3: "none" };

/** What is known of the moment that is served; undefined while nobody vouches for the time. `ms`: Unix
 *  milliseconds, with their fraction. */
export function timeAnswer(
  ms: number,
  { leap, stratum, rootDelay, rootDispersion }: ServerStatus,
): TimeAnswer | undefined {
  if (leap === leaps.unsynchronised || stratum === 0) return undefined;
  const bound = rootDelay / 2 + rootDispersion;
  const [at, before, after] = [ms * 1000, (ms - bound * 1000) * 1000, (ms + bound * 1000) * 1000];
  return {
    time: momentText(Math.round(at)),
    earliest: momentText(Math.floor(before)),
    latest: momentText(Math.ceil(after)),
    unix: ms / 1000,
    bound,
    stratum,
    leap: leapTexts[leap],
  };
}

function momentText(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6);
  const fraction = String(microseconds - seconds * 1e6).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
