import type { Clock } from "../../lib/base/time.ts";
import { localStatus, type LocalClaim, type SystemClockState } from "../../lib/gate/time/house-status.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import type { KernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { timestampOf } from "../../lib/proto/ntp/timestamp.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { TimeKeeping } from "./keep-time.ts";

export interface SystemStatusHow {
  readonly claim: LocalClaim;
  /** log₂ seconds. */
  readonly precision: number;
  readonly clock: Clock;
  readonly kernel: (() => KernelClock | undefined) | undefined;
  /** Undefined where no server is configured. */
  readonly keeping: TimeKeeping | undefined;
  readonly log: Log;
}

const everyMs = 1000;

/** Publishes once a second what our time is worth: what our sources make of it, or, while none vouches for
 *  it,
 *  the local claim. Says in the log which of the two, at the start and whenever that changes. */
export function keepSystemStatus(status: SharedStatus, how: SystemStatusHow): Disposable {
  let last: string | undefined;
  const look = (): void => {
    const told = publish(status, how);
    if (told !== last) how.log.info(told, { stratum: status.read().stratum });
    last = told;
  };
  look();
  const timer = setInterval(look, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function publish(
  status: SharedStatus,
  { keeping, kernel, claim, clock, precision }: SystemStatusHow,
): string {
  const now = keeping?.now() ?? 0;
  const vouched = keeping?.keeper.status(now);
  if (keeping && vouched) {
    status.publish(vouched, keeping.keeper.correction());
    const leap = vouched.leap === 1 ? "insert" : vouched.leap === 2 ? "delete" : "none";
    const maxError = keeping.keeper.bound(now) ?? 16;
    const estimatedError = keeping.keeper.selection.combined?.error ?? maxError;
    keeping.port.steering?.tell({ synchronised: true, leap, maxError, estimatedError });
    return "serving the time of our sources";
  }
  const system = kernel?.();
  status.publish(localStatus(system, claim, precision, timestampOf(Math.floor(clock.wall() / 1000), 0)));
  return whatIsClaimed(system, claim);
}

function whatIsClaimed(system: SystemClockState | undefined, claim: LocalClaim): string {
  if (claim.stratum === 0) return "no source, no local stratum: clients are told that nobody knows the time";
  return system?.synchronised
    ? "serving the system's clock, which somebody keeps, at the local stratum"
    : "serving the system's clock, for which nobody vouches, at the local stratum";
}
