import type { Entropy } from "../../lib/base/entropy.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { NtpShared } from "../../lib/gate/time/ntp-door.ts";
import type { LocalClaim } from "../../lib/gate/time/house-status.ts";
import type { CookieSecret } from "../../lib/proto/nts/cookie.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { UtcdConfig } from "./config.ts";
import type { FenceWatch } from "./keep-fence.ts";
import type { Kept } from "./kept.ts";
import { LeapFile } from "./leap-file.ts";
import { ntpPlan } from "./ntp-plan.ts";
import type { Doors } from "./open-doors.ts";

/** What a reload may change while the daemon runs. */
export interface Reloaded {
  readonly kept: Kept;
  readonly fence: FenceWatch;
  readonly doors: Doors;
  readonly leap: LeapFile;
  readonly claim: { now: LocalClaim };
  readonly precision: number;
  readonly secret: CookieSecret | undefined;
  readonly shared: NtpShared;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

export const claimOf = ({ localStratum, localError }: UtcdConfig["ntp"]): LocalClaim => ({
  stratum: localStratum,
  dispersion: localError / 1000,
});

/** Takes over a new configuration part by part: sources, keys and limits, leap seconds. Files that it names
 *  are
 *  read again. What is wrong with a part is told in the log, and that part stays as it was. */
export async function takeReload({ ntp, clock }: UtcdConfig, how: Reloaded): Promise<void> {
  const { log, kept, doors, precision, entropy, secret, shared } = how;
  const refused = ({ what, where, mend }: Fault): void =>
    log.error("a part of the reload is not taken: it stays as it was", { what, where, mend });
  const leap = await LeapFile.read(clock.leapFile, how.clock.wall() / 1000, log);
  if (leap.ok) how.leap.take(leap.value);
  else refused(leap.fault);
  how.claim.now = claimOf(ntp);
  const plan = await ntpPlan(ntp, precision, entropy, secret, shared);
  if (!plan.ok) {
    refused(plan.fault);
    return;
  }
  const taken = await kept.take(clock, plan.value.keys);
  if (!taken.ok) refused(taken.fault);
  const fenced = how.fence.take(clock);
  if (!fenced.ok) refused(fenced.fault);
  await doors.restart(plan.value, ntp);
}
