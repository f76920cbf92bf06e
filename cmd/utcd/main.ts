/** holdfast-utcd: UTC time. */
import { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { timeAnswer } from "../../lib/gate/time/time-answer.ts";
import { measurePrecision } from "../../lib/host/clock.ts";
import { openKernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { boot } from "../boot.ts";
import { tryAdmin } from "../open-house.ts";
import type { Addresses } from "../readiness.ts";
import { sections } from "./config.ts";
import { keepCookieSecret } from "./cookie-secret.ts";
import { countOutcomes } from "./count-outcomes.ts";
import { FenceWatch } from "./keep-fence.ts";
import { ClockRecord } from "./keep-record.ts";
import { Kept } from "./kept.ts";
import { LeapFile } from "./leap-file.ts";
import { ntpPlan } from "./ntp-plan.ts";
import { openDoors } from "./open-doors.ts";
import { claimOf, takeReload } from "./reload.ts";
import { keepSystemStatus } from "./system-status.ts";
import { tellControl } from "./tell-control.ts";
import { timeBook } from "./time-book.ts";

async function main(): Promise<number> {
  const house = await boot("utcd", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;
  const { ntp, nts } = config;

  const secret = nts.enabled ? leave.use(await keepCookieSecret(data, house)).secret : undefined;
  const precision = measurePrecision(clock);
  const plan = await ntpPlan(ntp, precision, entropy, secret);
  if (!plan.ok) return house.refuse(plan.fault);
  const { keys, shared } = plan.value;
  const leapFile = await LeapFile.read(config.clock.leapFile, clock.wall() / 1000, log);
  if (!leapFile.ok) return house.refuse(leapFile.fault);
  const leap = leapFile.value;

  const kernel = openKernelClock();
  const kept = leave.use(new Kept({ ptp: config.ptp, kernel: kernel?.(), precision, data, entropy, log }));
  const record = leave.use(await ClockRecord.begin({ ...house, evidence: config.evidence, kept }));
  const begun = await kept.take(config.clock, keys);
  if (!begun.ok) return house.refuse(begun.fault);
  const malfeasance = record.malfeasance.bind(record);
  const fence = leave.use(new FenceWatch({ kept, data, entropy, log, malfeasance }));
  const fenced = fence.take(config.clock);
  if (!fenced.ok) return house.refuse(fenced.fault);
  const status = new SharedStatus(shared.status);
  const claim = { now: claimOf(ntp) };
  const statusHow = { claim: () => claim.now, precision, clock, kernel, kept, leap, log };
  leave.use(keepSystemStatus(status, statusHow));

  const answer = (): ReturnType<typeof timeAnswer> =>
    timeAnswer(clock.wall() + status.correction * 1000, status.read());

  const opened = await openDoors({ house, plan: plan.value, secret, status, leap, kept, answer });
  if (!opened.ok) return house.refuse(opened.fault);
  const doors = leave.use(opened.value);
  leave.use(countOutcomes(house.metrics, shared.tally));
  leave.use(tellControl(shared.control, status, kept));
  const reloaded = { kept, fence, doors, leap, claim, precision, secret, shared, clock, entropy, log };
  house.onReload((next) => takeReload(next, reloaded), "whenever");

  const addresses: Record<string, Addresses[string]> = { ...doors.addresses };
  const { clients } = shared;
  const book = timeBook({ kept, status, clients, clock, record, answer, data });
  const panels = async () => [(await import("../../lib/admin/time-panel.ts")).timePanel(book)];
  const admin = await tryAdmin(house, "utcd", () => addresses, panels);
  if (admin) addresses["admin"] = leave.use(admin).endpoint;
  house.ready(addresses);
  const end = await Promise.race([house.stopped, kept.failed]);
  return typeof end === "number" ? end : house.refuse(end);
}

process.exit(await main());
