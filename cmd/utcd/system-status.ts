import type { SystemClockState } from "../../lib/gate/time/house-status.ts";
import { localStatus, type LocalClaim } from "../../lib/gate/time/house-status.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { openKernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { timestampOf } from "../../lib/proto/ntp/timestamp.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { Log } from "../../lib/watch/log.ts";

export interface SystemStatusHow {
  readonly claim: LocalClaim;
  /** log₂ seconds. */
  readonly precision: number;
  readonly clock: Clock;
  readonly log: Log;
}

const everyMs = 1000;

/** Publishes once a second what this system's clock is worth, and says so in the log at the start and
 *  whenever that changes. */
export function keepSystemStatus(status: SharedStatus, how: SystemStatusHow): Disposable {
  const kernel = openKernelClock();
  let last: string | undefined;
  const look = (): void => {
    const system = kernel?.();
    const seconds = Math.floor(how.clock.wall() / 1000);
    status.publish(localStatus(system, how.claim, how.precision, timestampOf(seconds, 0)));
    const told = whatIsClaimed(system, how.claim);
    if (told !== last) how.log.info(told, { stratum: how.claim.stratum, source: "this system's clock" });
    last = told;
  };
  look();
  const timer = setInterval(look, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function whatIsClaimed(system: SystemClockState | undefined, claim: LocalClaim): string {
  if (claim.stratum === 0) return "no source, no local stratum: clients are told that nobody knows the time";
  return system?.synchronised
    ? "serving the system's clock, which somebody keeps, at the local stratum"
    : "serving the system's clock, for which nobody vouches, at the local stratum";
}
