import type { Result } from "../../lib/base/result.ts";
import { ok } from "../../lib/base/result.ts";
import type { AccessList } from "../../lib/gate/time/access-list.ts";
import type { NtpDoorPlan } from "../../lib/gate/time/ntp-door.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import type { TimeAnswer } from "../../lib/gate/time/time-answer.ts";
import type { CookieSecret } from "../../lib/proto/nts/cookie.ts";
import type { LeapSecond } from "../../lib/proto/ntp/leap-list.ts";
import type { Boot } from "../boot.ts";
import type { Addresses } from "../readiness.ts";
import type { sections, UtcdConfig } from "./config.ts";
import { serveHttpTime } from "./serve-http-time.ts";
import { NtpListeners } from "./ntp-service.ts";
import { serveNtsOf } from "./serve-nts.ts";
import type { Kept } from "./kept.ts";
import type { LeapFile } from "./leap-file.ts";
import { servePtp } from "./serve-ptp.ts";
import { serveRoughtime } from "./serve-roughtime.ts";
import { serveTexts } from "./serve-text.ts";

export interface DoorsHow {
  readonly house: Pick<Boot<typeof sections>, "config" | "clock" | "entropy" | "data" | "log" | "metrics">;
  readonly plan: NtpDoorPlan;
  readonly secret: CookieSecret | undefined;
  readonly status: SharedStatus;
  readonly leap: LeapFile;
  readonly kept: Kept;
  /** The time with its bound; undefined while nobody knows it. */
  readonly answer: () => TimeAnswer | undefined;
}

export interface Doors extends AsyncDisposable {
  /** By name: "ntp", "ntske", "time" … */
  readonly addresses: Addresses;
  /** Answers NTP under another plan from now on. */
  restart(plan: NtpDoorPlan, ntp: UtcdConfig["ntp"]): Promise<void>;
}

/** TAI − UTC since 2017, where no list says it. */
const usualTaiOffset = 37;

/** Opens every door that the configuration wants. Faults: exists, denied, not-found, io. */
export async function openDoors(how: DoorsHow): Promise<Result<Doors>> {
  const { plan, secret, status, leap, kept } = how;
  const { config, clock, entropy, data, log } = how.house;
  const { ntp, nts, roughtime } = config;
  const nextLeap = (): LeapSecond | undefined => leap.next(clock.wall() / 1000);
  await using begun = new AsyncDisposableStack();
  const addresses: Record<string, Addresses[string]> = {};

  const listeners = await NtpListeners.begin(plan, ntp, nextLeap(), log);
  if (!listeners.ok) return listeners;
  begun.use(listeners.value);
  Object.assign(addresses, Object.fromEntries(listeners.value.endpoints));

  const ntske = await serveNtsOf(nts, secret, { ...how.house, ntpPort: addresses["ntp"]!.port });
  if (!ntske.ok) return ntske;
  if (ntske.value) addresses["ntske"] = begun.use(ntske.value).endpoint;

  const knows = (): boolean => status.read().stratum > 0;
  const current = { access: plan.access };
  const access = (): AccessList => current.access;
  const now = (): number => clock.wall() / 1000 + status.correction;
  const texts = await serveTexts(config, { access, knows, now, log });
  if (!texts.ok) return texts;
  for (const [name, service] of texts.value) addresses[name] = begun.use(service).endpoint;

  const rough = await serveRoughtime(roughtime, { status, plan, access, clock, entropy, data, log });
  if (!rough.ok) return rough;
  if (rough.value) addresses["roughtime"] = begun.use(rough.value).endpoint;

  const http = serveHttpTime(config.httpTime.listen, { access, now: how.answer, log });
  if (!http.ok) return http;
  if (http.value) addresses["http-time"] = begun.use(http.value).endpoint;

  const ptp = await servePtp(config.ptp, {
    ...how.house,
    epoch: kept.keeping?.epoch ?? 0,
    status: status.memory,
    utcOffset: leap.taiOffset(clock.wall() / 1000) ?? usualTaiOffset,
    tell: (sample) => kept.keeping?.heardPtp(sample),
  });
  if (!ptp.ok) return ptp;
  if (ptp.value) addresses["ptp"] = begun.use(ptp.value) && { host: "224.0.1.129", port: 319 };

  const open = begun.move();
  return ok({
    addresses,
    restart(changed, next) {
      current.access = changed.access;
      return listeners.value.restart(changed, next, nextLeap());
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  });
}
