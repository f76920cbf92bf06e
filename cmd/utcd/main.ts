/** holdfast-utcd: UTC time. */
import type { Endpoint } from "../../lib/base/endpoint.ts";
import { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { measurePrecision } from "../../lib/host/clock.ts";
import { daytimeAnswer } from "../../lib/proto/time/daytime.ts";
import { timeAnswer } from "../../lib/proto/time/time.ts";
import { boot } from "../boot.ts";
import { tryAdmin } from "../open-house.ts";
import { sections } from "./config.ts";
import { keepCookieSecret } from "./cookie-secret.ts";
import { countOutcomes } from "./count-outcomes.ts";
import { ntpPlan } from "./ntp-plan.ts";
import { serveNtp } from "./serve-ntp.ts";
import { ntsIdentity } from "./nts-identity.ts";
import { serveNts } from "./serve-nts.ts";
import { serveText } from "./serve-text.ts";
import { keepSystemStatus } from "./system-status.ts";

async function main(): Promise<number> {
  const house = await boot("utcd", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock } = house;
  const { ntp, nts, time, daytime } = config;

  const secret = nts.enabled ? leave.use(await keepCookieSecret(house.data, house)).secret : undefined;
  const precision = measurePrecision(clock);
  const plan = await ntpPlan(ntp, precision, house.entropy, secret);
  if (!plan.ok) return house.refuse(plan.fault);
  const status = new SharedStatus(plan.value.shared.status);
  const claim = { stratum: ntp.localStratum, dispersion: ntp.localError / 1000 };
  leave.use(keepSystemStatus(status, { claim, precision, clock, log }));

  const listen = { ...ntp.listen, device: ntp.device, dscp: ntp.dscp };
  const served = await serveNtp(plan.value, { listen, threads: ntp.threads, log });
  if (!served.ok) return house.refuse(served.fault);
  const addresses: Record<string, Endpoint> = { ntp: leave.use(served.value).endpoint };
  leave.use(countOutcomes(house.metrics, plan.value.shared.tally));

  if (secret) {
    const keys = await ntsIdentity(nts, house.data);
    if (!keys.ok) return house.refuse(keys.fault);
    const offer = { server: nts.server, port: served.value.endpoint.port };
    const service = await serveNts({ ...nts, ...keys.value, ...house, offer, secret });
    if (!service.ok) return house.refuse(service.fault);
    addresses["ntske"] = leave.use(service.value).endpoint;
  }

  const texts = { access: ntp, knows: () => status.read().stratum > 0, clock, log };
  for (const [name, section, answer] of [
    ["time", time, timeAnswer],
    ["daytime", daytime, daytimeAnswer],
  ] as const) {
    if (!section.enabled) continue;
    const text = await serveText({ ...texts, ...section, answer });
    if (!text.ok) return house.refuse(text.fault);
    addresses[name] = leave.use(text.value).endpoint;
  }

  const admin = await tryAdmin(house, "utcd", () => addresses);
  if (admin) addresses["admin"] = leave.use(admin).endpoint;

  house.ready(addresses);
  return await house.stopped;
}

process.exit(await main()); // not exitCode: a client may hold the loop open
