/** A thread that speaks PTP: it waits in the kernel, and so sees the kernel's stamps. */
import { announcementOf, type MasterClaim } from "../../lib/gate/time/ptp-clock.ts";
import { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { Result } from "../../lib/base/result.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { MulticastSocket, type Stamped } from "../../lib/host/platform/multicast-socket.ts";
import { openTwoClocks } from "../../lib/host/platform/two-clocks.ts";
import { PtpMaster, type PtpOut } from "../../lib/proto/ptp/master.ts";
import type { PtpTime } from "../../lib/proto/ptp/message.ts";
import { PtpSlave, type PtpOutcome, type PtpSample } from "../../lib/proto/ptp/slave.ts";

export interface PtpJob {
  readonly role: "slave" | "master";
  readonly device: string;
  readonly domain: number;
  /** Clock identity (8 bytes) and port number (2). */
  readonly identity: Uint8Array;
  /** Unix seconds that a slave's offsets count from. */
  readonly epoch: number;
  /** What the house's time is worth: a master tells it. */
  readonly status: SharedArrayBuffer;
  readonly claim: Omit<MasterClaim, "identity">;
  /** One Int32: not 0 once the thread shall end. */
  readonly stop: SharedArrayBuffer;
}

export type PtpNews =
  | { readonly news: "begun" }
  | { readonly news: "refused"; readonly fault: Fault }
  | { readonly news: "sample"; readonly sample: PtpSample }
  | { readonly news: "counts"; readonly counts: Readonly<Record<string, number>> };

declare const self: {
  addEventListener(kind: "message", take: (message: { data: PtpJob }) => void): void;
  postMessage(message: PtpNews): void;
};

/** 224.0.1.129, the primary group of PTP over UDP/IPv4 (IEEE 1588-2019 annex C). */
const group = Uint8Array.of(224, 0, 1, 129);
const eventPort = 319;
const generalPort = 320;
const turnMs = 100;
const countsEverySeconds = 5;
/** Messages of one turn; what is more waits for the next. */
const mostATurn = 256;

self.addEventListener("message", ({ data: job }) => {
  const event = MulticastSocket.open({ group, port: eventPort, device: job.device });
  const general = event.ok ? MulticastSocket.open({ group, port: generalPort, device: job.device }) : event;
  if (event.ok && general.ok) {
    self.postMessage({ news: "begun" });
    speak({ event: event.value, general: general.value }, job);
  } else {
    if (event.ok) event.value.close();
    self.postMessage({ news: "refused", fault: (general as Result<never> & { ok: false }).fault });
  }
  process.exit(0); // this thread alone
});

interface Sockets {
  readonly event: MulticastSocket;
  readonly general: MulticastSocket;
}

/** One turn of an engine: what is due, and what has come. */
interface Speaker {
  turn(now: number): void;
  take(message: Stamped, tell: (outcome: PtpOutcome) => void): void;
}

function speak({ event, general }: Sockets, job: PtpJob): void {
  const clocks = openTwoClocks()!;
  const speaker = job.role === "slave" ? slaveOf(event, job) : masterOf({ event, general }, job);
  const stop = new Int32Array(job.stop);
  const counts: Record<string, number> = {};
  const tell = (outcome: PtpOutcome): void => void (counts[outcome] = (counts[outcome] ?? 0) + 1);
  let toldAt = 0;
  while (Atomics.load(stop, 0) === 0) {
    MulticastSocket.wait([event, general], turnMs);
    for (const socket of [event, general]) {
      for (let i = 0; i < mostATurn; i++) {
        const message = socket.receive();
        if (!message) break;
        speaker.take(message, tell);
      }
    }
    const now = clocks().oscillator;
    speaker.turn(now);
    if (now - toldAt < countsEverySeconds) continue;
    toldAt = now;
    self.postMessage({ news: "counts", counts: { ...counts } });
  }
  event.close();
  general.close();
}

function slaveOf(event: MulticastSocket, { identity, domain, epoch }: PtpJob): Speaker {
  const slave = new PtpSlave({ identity, domain, epoch, entropy: systemEntropy() });
  return {
    turn(now) {
      const request = slave.poll(now);
      const sent = request && event.send(request.bytes, true);
      if (request && sent) slave.sent(request.sequence, sent.oscillator);
    },
    take({ bytes, oscillator }, tell) {
      tell(slave.receive(bytes, oscillator, (sample) => self.postMessage({ news: "sample", sample })));
    },
  };
}

function masterOf({ event, general }: Sockets, job: PtpJob): Speaker {
  const status = new SharedStatus(job.status);
  const claim = { identity: job.identity, ...job.claim };
  const master = new PtpMaster({
    identity: job.identity,
    domain: job.domain,
    announceInterval: 1,
    syncInterval: 0,
    announce: () => announcementOf(status.read(), claim),
  });
  const timeOf = ({ system }: Stamped): PtpTime => moved(system, status.correction + job.claim.utcOffset);
  const send = (out: PtpOut | undefined): void => {
    if (!out) return;
    const sent = (out.event ? event : general).send(out.bytes, out.awaits !== undefined);
    if (sent && out.awaits !== undefined) send(master.sent(out.awaits, timeOf(sent)));
  };
  return {
    turn(now) {
      for (let out = master.poll(now); out; out = master.poll(now)) send(out);
    },
    take(message, tell) {
      const outcome = master.receive(message.bytes, timeOf(message), message.oscillator);
      if (typeof outcome === "string") tell(outcome);
      else send(outcome);
    },
  };
}

function moved({ seconds, nanoseconds }: PtpTime, by: number): PtpTime {
  const whole = Math.floor(by);
  const fraction = nanoseconds + Math.round((by - whole) * 1e9);
  const carry = Math.floor(fraction / 1e9);
  return { seconds: seconds + whole + carry, nanoseconds: fraction - carry * 1e9 };
}
