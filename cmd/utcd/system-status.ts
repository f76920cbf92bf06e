import type { Clock } from "../../lib/base/time.ts";
import { localStatus, type LocalClaim, type SystemClockState } from "../../lib/gate/time/house-status.ts";
import { announcement } from "../../lib/gate/time/leap.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import type { KernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { leaps, type Leap } from "../../lib/proto/ntp/header.ts";
import { timestampOf } from "../../lib/proto/ntp/timestamp.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Kept } from "./kept.ts";
import type { LeapFile } from "./leap-file.ts";

export interface SystemStatusHow {
  readonly claim: () => LocalClaim;
  /** log₂ seconds. */
  readonly precision: number;
  readonly clock: Clock;
  readonly kernel: (() => KernelClock | undefined) | undefined;
  readonly kept: Kept;
  readonly leap: LeapFile;
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

function publish(status: SharedStatus, how: SystemStatusHow): string {
  const { kernel, clock, precision } = how;
  const { keeping } = how.kept;
  const claim = how.claim();
  const now = keeping?.now() ?? 0;
  const vouched = keeping?.keeper.status(now);
  if (keeping && vouched) {
    status.publish({ ...vouched, leap: announced(vouched.leap, how) }, keeping.keeper.correction());
    const coming = announced(vouched.leap, how);
    const leap = coming === 1 ? "insert" : coming === 2 ? "delete" : "none";
    const day = 86_400;
    const midnight = (Math.floor(keeping.servedNow() / day) + 1) * day;
    if (leap !== "none") keeping.keeper.expectLeap({ at: midnight, by: leap === "insert" ? 1 : -1 });
    const maxError = keeping.keeper.bound(now) ?? 16;
    const estimatedError = keeping.keeper.selection.combined?.error ?? maxError;
    keeping.port.steering?.tell({ synchronised: true, leap, maxError, estimatedError });
    return "serving the time of our sources";
  }
  const system = kernel?.();
  const local = localStatus(system, claim, precision, timestampOf(Math.floor(clock.wall() / 1000), 0));
  status.publish({ ...local, leap: announced(local.leap, how) });
  return whatIsClaimed(system, claim);
}

/** A list that is still good decides alone what is announced. */
function announced(said: Leap, { leap, clock }: SystemStatusHow): Leap {
  const now = clock.wall() / 1000;
  if (said === leaps.unsynchronised || !leap.isGood(now)) return said;
  return announcement(leap.next(now), now);
}

function whatIsClaimed(system: SystemClockState | undefined, claim: LocalClaim): string {
  if (claim.stratum === 0) return "no source, no local stratum: clients are told that nobody knows the time";
  return system?.synchronised
    ? "serving the system's clock, which somebody keeps, at the local stratum"
    : "serving the system's clock, for which nobody vouches, at the local stratum";
}
