/** A thread that answers NTP: it blocks in the kernel, and so has nothing else to do. */
import { ntpDoor, type NtpDoorPlan } from "../../lib/gate/time/ntp-door.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { DatagramSocket, type DatagramOptions } from "../../lib/host/platform/datagram-socket.ts";
import { openKernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { openRealtime } from "../../lib/host/platform/realtime.ts";
import type { Timestamp } from "../../lib/proto/ntp/timestamp.ts";
import type { Fault } from "../../lib/base/fault.ts";

export interface NtpJob {
  readonly listen: DatagramOptions;
  readonly plan: NtpDoorPlan;
  /** Numbers the thread among those that answer. */
  readonly lane: number;
  /** One Int32: not 0 once the thread shall end. */
  readonly stop: SharedArrayBuffer;
}

export type NtpJobBegun =
  | { readonly ok: true; readonly port: number }
  | { readonly ok: false; readonly fault: Fault };

declare const self: {
  addEventListener(kind: "message", take: (message: { data: NtpJob }) => void): void;
  postMessage(message: NtpJobBegun): void;
};

self.addEventListener("message", ({ data: job }) => {
  const opened = DatagramSocket.open<Timestamp>(job.listen);
  self.postMessage(opened.ok ? { ok: true, port: opened.value.port } : opened);
  if (opened.ok) answerUntilStopped(opened.value, job);
  process.exit(0); // this thread alone
});

function answerUntilStopped(socket: DatagramSocket<Timestamp>, job: NtpJob): void {
  const realtime = openRealtime()!;
  const clock = systemClock();
  const kernel = openKernelClock();
  const isLeapSecond = (): boolean => kernel?.()?.leap === "now";
  const world = { realtime, now: () => clock.now(), isLeapSecond, entropy: systemEntropy() };
  const door = ntpDoor(job.plan, world, job.lane);
  const stop = new Int32Array(job.stop);
  while (Atomics.load(stop, 0) === 0) {
    const count = socket.receive();
    for (let i = 0; i < count; i++) {
      const at = socket.stamp(i) ?? realtime();
      const reply = door.answer(socket.datagram(i), socket.ip(i), socket.portOf(i), at);
      if (reply) socket.reply(i, reply.bytes, reply.awaits);
    }
    if (count > 0) socket.send();
    socket.eachSent((awaited, sentAt) => door.sent(awaited, sentAt));
  }
  socket.close();
}
