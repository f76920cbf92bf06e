/** holdfast-utcd: UTC time. */
import { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { measurePrecision } from "../../lib/host/clock.ts";
import { daytimeAnswer } from "../../lib/proto/time/daytime.ts";
import { timeAnswer } from "../../lib/proto/time/time.ts";
import { boot } from "../boot.ts";
import { sections } from "./config.ts";
import { countOutcomes } from "./count-outcomes.ts";
import { ntpPlan } from "./ntp-plan.ts";
import { serveNtp } from "./serve-ntp.ts";
import { serveText } from "./serve-text.ts";
import { keepSystemStatus } from "./system-status.ts";

async function main(): Promise<number> {
  const house = await boot("utcd", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock } = house;
  const { ntp, time, daytime } = config;

  const precision = measurePrecision(clock);
  const plan = await ntpPlan(ntp, precision, house.entropy);
  if (!plan.ok) return house.refuse(plan.fault);
  const status = new SharedStatus(plan.value.shared.status);
  const claim = { stratum: ntp.localStratum, dispersion: ntp.localError / 1000 };
  leave.use(keepSystemStatus(status, { claim, precision, clock, log }));

  const listen = { ...ntp.listen, device: ntp.device, dscp: ntp.dscp };
  const served = await serveNtp(plan.value, { listen, threads: ntp.threads, log });
  if (!served.ok) return house.refuse(served.fault);
  const addresses = { ntp: leave.use(served.value).endpoint };
  leave.use(countOutcomes(house.metrics, plan.value.shared.tally));

  const texts = { access: ntp, knows: () => status.read().stratum > 0, clock, log };
  for (const [name, section, answer] of [
    ["time", time, timeAnswer],
    ["daytime", daytime, daytimeAnswer],
  ] as const) {
    if (!section.enabled) continue;
    const text = await serveText({ ...texts, ...section, answer });
    if (!text.ok) return house.refuse(text.fault);
    Object.assign(addresses, { [name]: leave.use(text.value).endpoint });
  }

  house.ready(addresses);
  return await house.stopped;
}

process.exitCode = await main();
