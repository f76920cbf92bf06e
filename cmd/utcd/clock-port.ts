import { readFileSync } from "node:fs";
import type { SteeredClock } from "../../lib/gate/time/discipline.ts";
import { maySetClock, openClockSteering, type ClockSteering } from "../../lib/host/platform/steer-clock.ts";
import { openTwoClocks } from "../../lib/host/platform/two-clocks.ts";
import type { KernelClock } from "../../lib/host/platform/kernel-clock.ts";
import type { Log } from "../../lib/watch/log.ts";

export interface ClockPort {
  readonly clock: SteeredClock;
  readonly mode: "steer" | "observe";
  /** Undefined while observing. */
  readonly steering: ClockSteering | undefined;
}

/** This system's clock as the keeper wants it, or undefined where its oscillator cannot be read. `epoch`:
 *  Unix
 *  seconds that its time counts from. `auto` steers where that is permitted and nobody else keeps the clock.
 *  */
export function openClockPort(
  wanted: "auto" | "observe" | "steer",
  epoch: number,
  kernel: KernelClock | undefined,
  log: Log,
): ClockPort | undefined {
  const read = openTwoClocks();
  if (!read) return undefined;
  const mayNot = whyNotSteer(wanted, kernel);
  const steering = mayNot === undefined ? openClockSteering() : undefined;
  if (steering) log.info("steering this system's clock");
  else
    log.warn("observing: this system's clock is left alone, and what is served is corrected", {
      why: mayNot,
    });
  const tell = (what: string, done: { readonly ok: boolean } | undefined): void => {
    if (done && !done.ok) log.error(what);
  };
  return {
    mode: steering ? "steer" : "observe",
    steering,
    clock: {
      read() {
        const { oscillator, seconds, nanoseconds } = read();
        return { oscillator, system: seconds - epoch + nanoseconds * 1e-9 };
      },
      setRate: (rate) => tell("the clock's rate cannot be set", steering?.setRate(rate)),
      step: (by) => tell("the clock cannot be stepped", steering?.step(by)),
    },
  };
}

function whyNotSteer(
  wanted: "auto" | "observe" | "steer",
  kernel: KernelClock | undefined,
): string | undefined {
  if (wanted === "observe") return "clock.mode is observe";
  if (!isPermitted()) return "the capability CAP_SYS_TIME is missing";
  if (wanted === "auto" && kernel?.synchronised) return "somebody else keeps this clock";
  return undefined;
}

function isPermitted(): boolean {
  try {
    return maySetClock(readFileSync("/proc/self/status", "latin1"));
  } catch {
    return false;
  }
}
