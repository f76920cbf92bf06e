import type { Entropy } from "../../base/entropy.ts";
import type { Ip } from "../../base/ip.ts";
import type { Instant } from "../../base/time.ts";
import { NtpServer, type ServerStatus } from "../../proto/ntp/exchange.ts";
import { answerControl, type ControlBook } from "../../proto/ntp/control.ts";
import { leaps, modes } from "../../proto/ntp/header.ts";
import { InterleavedPairs } from "../../proto/ntp/interleaved.ts";
import { KeyRing, type SymmetricKey } from "../../proto/ntp/keys.ts";
import type { LeapSecond } from "../../proto/ntp/leap-list.ts";
import { RateLimiter, type RateLimit } from "../../proto/ntp/limiter.ts";
import { shifted, timestampOf, type Timestamp } from "../../proto/ntp/timestamp.ts";
import { CookieJar, type CookieSecret } from "../../proto/nts/cookie.ts";
import { NtsFields } from "../../proto/nts/server-fields.ts";
import { allows, type AccessList } from "./access-list.ts";
import { smear } from "./leap.ts";
import { SharedText } from "./shared-text.ts";
import { SharedStatus } from "./shared-status.ts";
import { Tally } from "./tally.ts";

/** How the house answers NTP. Plain data, so that it can be handed to a worker; what is shared is shared. */
export interface NtpDoorPlan {
  readonly access: AccessList;
  /** Undefined: no limit. */
  readonly limit: RateLimit | undefined;
  /** log₂ seconds: bits of the clock below it are noise. */
  readonly precision: number;
  readonly seed: number;
  readonly keys: readonly SymmetricKey[];
  /** The secret of NTS cookies; undefined: no NTS. */
  readonly nts: CookieSecret | undefined;
  /** The leap second that is smeared for this listener's clients; undefined: plain UTC. */
  readonly smear: LeapSecond | undefined;
  /** Whether this host's own programs are told of the sources in mode 6 (ntpq). */
  readonly control: boolean;
  readonly shared: NtpShared;
}

/** Memory that every answering thread has in common. */
export interface NtpShared {
  readonly status: SharedArrayBuffer;
  readonly tally: SharedArrayBuffer;
  readonly clients: SharedArrayBuffer;
  readonly pairs: SharedArrayBuffer;
  /** JSON of the `ControlBook`. */
  readonly control: SharedArrayBuffer;
}

/** Interleaved clients between two of whose requests no other came into the same row: 24 bytes each. */
const pairsKept = 16_384;

/** Whole Unix seconds and nanoseconds. */
export interface UnixTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export function newShared(lanes: number, clients: number): NtpShared {
  return {
    status: new SharedStatus().memory,
    tally: new SharedArrayBuffer(Tally.bytesFor(lanes)),
    clients: new SharedArrayBuffer(RateLimiter.bytesFor(clients)),
    pairs: new SharedArrayBuffer(InterleavedPairs.bytesFor(pairsKept)),
    control: new SharedText().memory,
  };
}

export interface NtpWorld {
  realtime(): UnixTime;
  now(): Instant;
  /** Whether the system says a second for the second time, as at a leap second. */
  isLeapSecond(): boolean;
  readonly entropy: Entropy;
}

/** One datagram in, at most one out. */
export interface NtpDoor {
  /** `receivedAt` is the kernel's stamp where there is one. The reply is valid until the next call. */
  answer(packet: Uint8Array, ip: Ip, port: number, receivedAt: UnixTime): NtpReply | undefined;
  /** When a reply with `awaits` truly left. */
  sent(awaited: Timestamp, at: UnixTime): void;
}

export interface NtpReply {
  readonly bytes: Uint8Array;
  /** Set where it matters when the reply truly leaves: tell `sent`. */
  readonly awaits: Timestamp | undefined;
}

/** `lane` numbers the thread among those that answer: 0 for the first. */
export function ntpDoor(plan: NtpDoorPlan, world: NtpWorld, lane: number): NtpDoor {
  const status = new SharedStatus(plan.shared.status);
  const tally = new Tally(plan.shared.tally, lane);
  const draw = randomWords(world.entropy);
  const stampOf = stampMaker(plan.precision, draw);
  const stamp = (time: UnixTime, lowest: 0 | 1): Timestamp => {
    const { correction } = status;
    return stampOf(time, lowest, plan.smear ? correction + smearOf(plan.smear, time, world) : correction);
  };
  const limiter = plan.limit && new RateLimiter(plan.limit, plan.shared.clients, plan.seed);
  const admits = (ip: Ip): boolean => !limiter || limiter.admits(ip, world.now() / 1000, draw() & 255);
  const unixSeconds = (): number => world.realtime().seconds;
  const server = new NtpServer({
    status: () => (plan.smear ? smeared(status.read()) : status.read()),
    transmitTime: () => stamp(world.realtime(), 0),
    allows: (ip) => allows(plan.access, ip),
    admits: (ip) => (admits(ip) ? "yes" : "no"),
    keys: new KeyRing(plan.keys),
    pairs: new InterleavedPairs(plan.shared.pairs),
    fields: plan.nts && new NtsFields(new CookieJar(plan.nts, world.entropy), world.entropy, unixSeconds),
  });
  const control = new SharedText(plan.shared.control);
  return {
    answer(packet, ip, port, receivedAt) {
      if (plan.control && isControl(packet) && isLoopback(ip)) return told(packet, control);
      const decision = server.exchange(packet, { ip, port }, stamp(receivedAt, 1));
      tally.count(decision.do === "reply" ? "answered" : decision.reason);
      return decision.do === "reply" ? decision : undefined;
    },
    sent: (awaited, at) => server.sent(awaited, stamp(at, 0)),
  };
}

const isControl = (packet: Uint8Array): boolean => packet.length >= 12 && (packet[0]! & 7) === modes.control;
const isLoopback = (ip: Ip): boolean =>
  ip.length === 4 ? ip[0] === 127 : ip[15] === 1 && ip.subarray(0, 15).every((byte) => byte === 0);

/** Mode 6, for this host alone: the one answer that may be longer than its question. */
function told(packet: Uint8Array, control: SharedText): NtpReply | undefined {
  const book = JSON.parse(control.read() || "null") as ControlBook | null;
  const bytes = book === null ? undefined : answerControl(packet, book);
  return bytes && { bytes, awaits: undefined };
}

/** 127.127.1.255: "smeared", so that nobody mixes it with plain UTC unknowingly. Nothing is announced. */
const smeared = (status: ServerStatus): ServerStatus => ({
  ...status,
  leap: status.leap === leaps.unsynchronised ? status.leap : leaps.none,
  referenceId: 0x7f7f01ff,
});

function smearOf(leap: LeapSecond, { seconds, nanoseconds }: UnixTime, world: NtpWorld): number {
  const again = seconds === leap.at - 1 && world.isLeapSecond();
  return smear(leap, seconds + nanoseconds / 1e9, again);
}

/** Makes stamps whose bits below the clock's precision are random (RFC 5905 §6), but for the lowest, which
 *  tells a receive stamp (1) from a transmit stamp (0). */
function stampMaker(
  precision: number,
  draw: () => number,
): (time: UnixTime, lowest: 0 | 1, correction: number) => Timestamp {
  const noise = 2 ** Math.min(31, Math.max(1, 32 + precision)) - 1;
  return (time, lowest, correction) => {
    const plain = timestampOf(time.seconds, time.nanoseconds);
    const { seconds, fraction } = correction === 0 ? plain : shifted(plain, correction);
    const random = draw() & noise;
    return { seconds, fraction: ((((fraction & ~noise) | random) & ~1) | lowest) >>> 0 };
  };
}

/** Random 32-bit words: randomness is cheaper by the thousand. */
function randomWords(entropy: Entropy): () => number {
  const pool = new Uint32Array(1024);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      pool.set(new Uint32Array(entropy(pool.byteLength).slice().buffer));
      used = 0;
    }
    return pool[used++]!;
  };
}
