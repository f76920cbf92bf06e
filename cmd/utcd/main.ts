/** holdfast-utcd: UTC time. */
import { timePanel } from "../../lib/admin/time-panel.ts";
import { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { measurePrecision } from "../../lib/host/clock.ts";
import { openKernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { boot } from "../boot.ts";
import { tryAdmin } from "../open-house.ts";
import type { Addresses } from "../readiness.ts";
import { sections } from "./config.ts";
import { keepCookieSecret } from "./cookie-secret.ts";
import { countOutcomes } from "./count-outcomes.ts";
import { TimeKeeping } from "./keep-time.ts";
import { LeapFile } from "./leap-file.ts";
import { ntpPlan } from "./ntp-plan.ts";
import { NtpListeners } from "./ntp-service.ts";
import { serveNtsOf } from "./serve-nts.ts";
import { serveTexts } from "./serve-text.ts";
import { keepSystemStatus } from "./system-status.ts";
import { timeBook } from "./time-book.ts";

async function main(): Promise<number> {
  const house = await boot("utcd", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;
  const { ntp, nts } = config;

  const addresses: Record<string, Addresses[string]> = {};

  const secret = nts.enabled ? leave.use(await keepCookieSecret(data, house)).secret : undefined;
  const precision = measurePrecision(clock);
  const plan = await ntpPlan(ntp, precision, entropy, secret);
  if (!plan.ok) return house.refuse(plan.fault);
  const { keys, shared } = plan.value;
  const kernel = openKernelClock();
  const kept = { clock: config.clock, keys, kernel: kernel?.(), precision, data, entropy, log };
  const keeping = await TimeKeeping.begin(kept);
  if (!keeping.ok) return house.refuse(keeping.fault);
  if (keeping.value) leave.use(keeping.value);
  const leapFile = await LeapFile.read(config.clock.leapFile, clock.wall() / 1000, log);
  if (!leapFile.ok) return house.refuse(leapFile.fault);
  const leap = leapFile.value;
  const status = new SharedStatus(shared.status);
  const claim = { stratum: ntp.localStratum, dispersion: ntp.localError / 1000 };
  leave.use(keepSystemStatus(status, { claim, precision, clock, kernel, keeping: keeping.value, leap, log }));

  const nextLeap = (): ReturnType<LeapFile["next"]> => leap.next(clock.wall() / 1000);
  const listeners = await NtpListeners.begin(plan.value, ntp, nextLeap(), log);
  if (!listeners.ok) return house.refuse(listeners.fault);
  const doors = leave.use(listeners.value);
  Object.assign(addresses, Object.fromEntries(doors.endpoints));
  leave.use(countOutcomes(house.metrics, shared.tally));
  house.onReload(async ({ ntp: next }) => {
    const changed = await ntpPlan(next, precision, entropy, secret, shared);
    if (changed.ok) await doors.restart(changed.value, ntp, nextLeap());
    else log.error("the reload is not taken: the keys stay as they were", { what: changed.fault.what });
  });

  const ntske = await serveNtsOf(nts, secret, { ...house, ntpPort: addresses["ntp"]!.port });
  if (!ntske.ok) return house.refuse(ntske.fault);
  if (ntske.value) addresses["ntske"] = leave.use(ntske.value).endpoint;

  const knows = (): boolean => status.read().stratum > 0;
  const texts = await serveTexts(config, { access: ntp, knows, clock, log });
  if (!texts.ok) return house.refuse(texts.fault);
  for (const [name, service] of texts.value) addresses[name] = leave.use(service).endpoint;

  const panel = timePanel(timeBook(keeping.value, status, shared.clients, clock));
  const admin = await tryAdmin(house, "utcd", () => addresses, [panel]);
  if (admin) addresses["admin"] = leave.use(admin).endpoint;

  house.ready(addresses);
  if (!keeping.value) return await house.stopped;
  const end = await Promise.race([house.stopped, keeping.value.failed]);
  return typeof end === "number" ? end : house.refuse(end);
}

process.exit(await main());
