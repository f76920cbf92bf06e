import { asInstant, asUnixMs, type Clock } from "../base/time.ts";
import { openRealtime } from "./platform/realtime.ts";

/** The machine's clocks. `wall` follows every change of the system's clock at once: to the microsecond on
 *  Linux, to the millisecond elsewhere. `now` never jumps. */
export function systemClock(): Clock {
  const realtime = openRealtime();
  const now = (): ReturnType<Clock["now"]> => asInstant(Bun.nanoseconds() / 1e6);
  if (!realtime) return { now, wall: () => asUnixMs(Date.now()) };
  return {
    now,
    wall() {
      const { seconds, nanoseconds } = realtime();
      return asUnixMs(seconds * 1000 + nanoseconds / 1e6);
    },
  };
}

/** log₂ of the least step that the wall clock is seen to make, in seconds: what NTP calls its precision.
 *  Between −29 and −6. */
export function measurePrecision(clock: Clock): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100; i++) {
    const before = clock.wall();
    let after = clock.wall();
    for (let tries = 0; after <= before && tries < 100_000; tries++) after = clock.wall();
    if (after > before) least = Math.min(least, after - before);
  }
  return Math.min(-6, Math.max(-29, Math.ceil(Math.log2(least / 1000))));
}
