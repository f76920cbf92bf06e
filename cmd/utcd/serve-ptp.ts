import { networkInterfaces } from "node:os";
import type { Entropy } from "../../lib/base/entropy.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { workerUrl } from "../../lib/base/worker-url.ts";
import type { PtpSample } from "../../lib/proto/ptp/slave.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Metrics } from "../../lib/watch/metrics.ts";
import type { UtcdConfig } from "./config.ts";
import type { PtpJob, PtpNews } from "./ptp-worker.ts";

export interface PtpHow {
  readonly epoch: number;
  readonly status: SharedArrayBuffer;
  /** TAI − UTC. */
  readonly utcOffset: number;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tell: (sample: PtpSample) => void;
}

/** PTP on one interface, in the role that the configuration gives us. Undefined where it is off.
 *  Faults: invalid (no interface named), not-found, exists, denied, unsupported, io. */
export async function servePtp(
  ptp: UtcdConfig["ptp"],
  how: PtpHow,
): Promise<Result<AsyncDisposable | undefined>> {
  if (ptp.role === "off") return ok(undefined);
  if (ptp.device === undefined) {
    return fail("invalid", "PTP wants an interface", { mend: "name it: ptp.device" });
  }
  const { role, device, domain, priority1, priority2 } = ptp;
  const { epoch, status, utcOffset, entropy, log } = how;
  const stop = new SharedArrayBuffer(4);
  const identity = identityOf(device, entropy);
  const claim = { priority1, priority2, utcOffset };
  const worker = new Worker(workerUrl("cmd/utcd/ptp-worker.ts"));
  const ended = new Promise<void>((yes) => worker.addEventListener("close", () => yes()));
  const begun = listen(worker, how);
  worker.postMessage({ role, device, domain, identity, epoch, status, claim, stop } satisfies PtpJob);
  const result = await begun;
  if (!result.ok) return result;
  log.info("PTP", { role, device, identity: identity.subarray(0, 8).toHex() });
  return ok({
    async [Symbol.asyncDispose]() {
      Atomics.store(new Int32Array(stop), 0, 1);
      await ended;
    },
  });
}

function listen(worker: Worker, { tell, log, metrics }: PtpHow): Promise<Result<void>> {
  const counter = metrics.counter("holdfast_ptp_messages_total", "PTP messages by what became of them.", [
    "outcome",
  ]);
  const told = new Map<string, number>();
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }: MessageEvent<PtpNews>) => {
      if (data.news === "begun") resolve(ok());
      else if (data.news === "refused") resolve({ ok: false, fault: data.fault });
      else if (data.news === "sample") tell(data.sample);
      else
        for (const [outcome, count] of Object.entries(data.counts)) {
          counter.add(count - (told.get(outcome) ?? 0), outcome);
          told.set(outcome, count);
        }
    });
    worker.addEventListener("error", ({ message }) => {
      log.error("the PTP thread failed", { what: message });
      resolve(fail("io", "the PTP thread failed", { where: message }));
    });
  });
}

/** IEEE 1588-2019 §7.5.2.2: the clock's identity from the interface's address, and port 1. */
function identityOf(device: string, entropy: Entropy): Uint8Array {
  const mac = networkInterfaces()[device]?.find(({ mac: text }) => text !== "00:00:00:00:00:00")?.mac;
  const bytes = mac ? Uint8Array.fromHex(mac.replaceAll(":", "")) : entropy(6);
  return Uint8Array.of(...bytes.subarray(0, 3), 0xff, 0xfe, ...bytes.subarray(3, 6), 0, 1);
}
