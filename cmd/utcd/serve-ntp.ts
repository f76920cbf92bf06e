import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { Endpoint } from "../../lib/base/endpoint.ts";
import { workerUrl } from "../../lib/base/worker-url.ts";
import { ntpDoor, type NtpDoorPlan } from "../../lib/gate/time/ntp-door.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import type { DatagramOptions } from "../../lib/host/platform/datagram-socket.ts";
import { listenUdp } from "../../lib/host/udp.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { NtpJob, NtpJobBegun } from "./ntp-worker.ts";

export interface NtpService extends AsyncDisposable {
  readonly endpoint: Endpoint;
}

export interface NtpHow {
  readonly listen: DatagramOptions;
  /** Threads that answer, one a processor at most. */
  readonly threads: number;
  /** Where the threads begin to be numbered, among all that share the plan's memory. */
  readonly firstLane?: number;
  readonly log: Log;
}

/** Answers NTP from threads that block in the kernel and so have its receive stamps; on the event loop where
 *  the system is not Linux. Where the host has no IPv6, "::" is IPv4 alone.
 *  Faults: exists, denied, not-found, io. */
export async function serveNtp(plan: NtpDoorPlan, how: NtpHow): Promise<Result<NtpService>> {
  if (process.platform !== "linux") return onEventLoop(plan, how);
  const begun = await onThreads(plan, how);
  const noV6 = !begun.ok && begun.fault.code === "unsupported" && how.listen.host === "::";
  return noV6 ? onThreads(plan, { ...how, listen: { ...how.listen, host: "0.0.0.0" } }) : begun;
}

async function onThreads(plan: NtpDoorPlan, how: NtpHow): Promise<Result<NtpService>> {
  const { listen, threads, firstLane = 0 } = how;
  const first = await startThread(
    { plan, listen: { ...listen, share: threads > 1 }, lane: firstLane },
    how.log,
  );
  if (!first.ok) return first;
  const running = [first.value];
  const endpoint = { host: listen.host, port: first.value.port };
  const close = async (): Promise<void> => void (await Promise.all(running.map((thread) => thread.stop())));
  for (let lane = 1; lane < threads; lane++) {
    const more = await startThread(
      { plan, listen: { ...listen, ...endpoint, share: true }, lane: firstLane + lane },
      how.log,
    );
    if (!more.ok) {
      await close();
      return more;
    }
    running.push(more.value);
  }
  return ok({ endpoint, [Symbol.asyncDispose]: close });
}

interface Thread {
  readonly port: number;
  stop(): Promise<void>;
}

async function startThread(job: Omit<NtpJob, "stop">, log: Log): Promise<Result<Thread>> {
  const stop = new SharedArrayBuffer(4);
  const worker = new Worker(workerUrl("cmd/utcd/ntp-worker.ts"));
  const ended = new Promise<void>((yes) => worker.addEventListener("close", () => yes()));
  const begun = new Promise<Result<Pick<Thread, "port">>>((yes) => {
    worker.addEventListener("message", ({ data }: MessageEvent<NtpJobBegun>) =>
      yes(data.ok ? ok({ port: data.port }) : data),
    );
    worker.addEventListener("error", (event) => {
      log.error("the NTP thread failed", { what: event.message });
      yes(fail("io", "the NTP thread failed", { where: event.message }));
    });
  });
  worker.postMessage({ ...job, stop } satisfies NtpJob);
  const result = await begun;
  if (!result.ok) return result;
  return ok({
    port: result.value.port,
    async stop() {
      Atomics.store(new Int32Array(stop), 0, 1);
      await ended;
    },
  });
}

async function onEventLoop(plan: NtpDoorPlan, how: NtpHow): Promise<Result<NtpService>> {
  const clock = systemClock();
  const realtime = (): { seconds: number; nanoseconds: number } => {
    const ms = clock.wall();
    return { seconds: Math.floor(ms / 1000), nanoseconds: Math.floor((ms % 1000) * 1e6) };
  };
  const now = (): ReturnType<typeof clock.now> => clock.now();
  const door = ntpDoor(plan, { realtime, now, isLeapSecond: () => false, entropy: systemEntropy() }, 0);
  return listenUdp(how.listen, (bytes, ip, port) => door.answer(bytes, ip, port, realtime())?.bytes, {
    log: how.log,
  });
}
