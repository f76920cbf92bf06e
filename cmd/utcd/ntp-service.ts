import type { Endpoint } from "../../lib/base/endpoint.ts";
import { ok, type Result } from "../../lib/base/result.ts";
import type { NtpDoorPlan } from "../../lib/gate/time/ntp-door.ts";
import type { LeapSecond } from "../../lib/proto/ntp/leap-list.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { UtcdConfig } from "./config.ts";
import { serveNtp, type NtpService } from "./serve-ntp.ts";

/** A leap second that never comes: the listener is smeared, and has nothing to smear yet. */
const never: LeapSecond = { at: Number.MAX_SAFE_INTEGER, by: 1 };

/** NTP on its listeners: plain UTC on one, smeared leap seconds on the other, never both on the same. */
export class NtpListeners implements AsyncDisposable {
  readonly #log: Log;
  #running = new Map<"ntp" | "ntp-smeared", NtpService>();

  /** Faults: as of `serveNtp`. */
  static async begin(plan: NtpDoorPlan, ntp: UtcdConfig["ntp"], leap: LeapSecond | undefined, log: Log) {
    const listeners = new NtpListeners(log);
    const begun = await listeners.#start(plan, ntp, leap, new Map());
    return begun.ok ? ok(listeners) : begun;
  }

  private constructor(log: Log) {
    this.#log = log;
  }

  get endpoints(): ReadonlyMap<string, Endpoint> {
    return new Map([...this.#running].map(([name, { endpoint }]) => [name, endpoint]));
  }

  /** Goes on at the same ports under another plan: who asks meanwhile asks again. */
  async restart(plan: NtpDoorPlan, ntp: UtcdConfig["ntp"], leap: LeapSecond | undefined): Promise<void> {
    const { endpoints } = this;
    await this[Symbol.asyncDispose]();
    const begun = await this.#start(plan, ntp, leap, endpoints);
    if (!begun.ok) this.#log.error("NTP cannot listen any more", { what: begun.fault.what });
  }

  async #start(
    plan: NtpDoorPlan,
    ntp: UtcdConfig["ntp"],
    leap: LeapSecond | undefined,
    before: ReadonlyMap<string, Endpoint>,
  ): Promise<Result<void>> {
    const { listen, smearListen, device, dscp, threads } = ntp;
    const doors = [
      ["ntp", listen, plan],
      ["ntp-smeared", smearListen, { ...plan, smear: leap ?? never }],
    ] as const;
    for (const [i, [name, endpoint, own]] of doors.entries()) {
      if (!endpoint) continue;
      const at = { ...(before.get(name) ?? endpoint), device, dscp };
      const how = { listen: at, threads, firstLane: i * threads, log: this.#log };
      const served = await serveNtp(own, how);
      if (!served.ok) {
        await this[Symbol.asyncDispose]();
        return served;
      }
      this.#running.set(name, served.value);
    }
    return ok();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ending = [...this.#running.values()];
    this.#running = new Map();
    await Promise.all(ending.map((service) => service[Symbol.asyncDispose]()));
  }
}
