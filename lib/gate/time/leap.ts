import { leaps, type Leap } from "../../proto/ntp/header.ts";
import type { LeapSecond } from "../../proto/ntp/leap-list.ts";

const daySeconds = 86_400;

/** What is announced at `now` (Unix seconds) for a leap second that is known to come: from 24 h before. */
export function announcement(leap: LeapSecond | undefined, now: number): Leap {
  if (!leap || now >= leap.at || now < leap.at - daySeconds) return leaps.none;
  return leap.by > 0 ? leaps.lastMinute61 : leaps.lastMinute59;
}

/** Whether a leap second can come within 24 h at all: what sources say on any other day is not believed. They
 *  come at the end of June and of December. */
export function isLeapSeason(now: number): boolean {
  const tomorrow = new Date((now + daySeconds) * 1000);
  return tomorrow.getUTCDate() === 1 && (tomorrow.getUTCMonth() === 0 || tomorrow.getUTCMonth() === 6);
}

/** Seconds to add to UTC for smeared time: from noon before a leap second to noon after it the clock runs
 *  slow
 *  (or fast) by 1/86401 (or 1/86399), so that no second is left out or said twice. `now` is Unix time, which
 *  says
 *  the second before midnight twice (or not at all); `again`: this is the second time. */
export function smear({ at, by }: LeapSecond, now: number, again: boolean): number {
  const start = at - daySeconds / 2;
  const length = daySeconds + by;
  const passed = now >= at || again ? by : 0;
  const elapsed = now - start + passed;
  return elapsed <= 0 || elapsed >= length ? 0 : passed - (by * elapsed) / length;
}
