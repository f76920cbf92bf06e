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
import { ntpPlan } from "./ntp-plan.ts";
import { serveNtp } from "./serve-ntp.ts";
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
  const status = new SharedStatus(shared.status);
  const claim = { stratum: ntp.localStratum, dispersion: ntp.localError / 1000 };
  leave.use(keepSystemStatus(status, { claim, precision, clock, kernel, keeping: keeping.value, log }));

  const listen = { ...ntp.listen, device: ntp.device, dscp: ntp.dscp };
  const served = await serveNtp(plan.value, { listen, threads: ntp.threads, log });
  if (!served.ok) return house.refuse(served.fault);
  addresses["ntp"] = leave.use(served.value).endpoint;
  leave.use(countOutcomes(house.metrics, shared.tally));

  const ntske = await serveNtsOf(nts, secret, { ...house, ntpPort: addresses["ntp"].port });
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
