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
