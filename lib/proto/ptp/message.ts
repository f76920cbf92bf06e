import type { Result } from "../../base/result.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

/** IEEE 1588-2019 §13: the messages of the end-to-end delay mechanism. */
export const messageTypes = {
  sync: 0,
  delayRequest: 1,
  followUp: 8,
  delayResponse: 9,
  announce: 11,
} as const;
export type MessageName = keyof typeof messageTypes;

/** §13.3.2.8, the two bytes as one number. */
export const flags = {
  twoStep: 0x0200,
  unicast: 0x0400,
  leap61: 0x0001,
  leap59: 0x0002,
  utcOffsetValid: 0x0004,
  ptpTimescale: 0x0008,
  timeTraceable: 0x0010,
  frequencyTraceable: 0x0020,
} as const;

/** Seconds since 1970 on the sender's timescale, and nanoseconds. */
export interface PtpTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface PtpHeader {
  readonly domain: number;
  readonly flags: number;
  /** Nanoseconds, with sixteen bits of fraction. */
  readonly correction: bigint;
  /** Clock identity (8 bytes) and port number (2). */
  readonly source: Uint8Array;
  readonly sequence: number;
  /** log₂ seconds; 127 where it does not apply. */
  readonly interval: number;
}

/** §13.5: what a master says of itself, and of the grandmaster it has its time from. */
export interface Announcement {
  /** TAI − UTC in seconds. */
  readonly utcOffset: number;
  readonly priority1: number;
  readonly clockClass: number;
  readonly accuracy: number;
  readonly variance: number;
  readonly priority2: number;
  readonly grandmaster: Uint8Array;
  readonly steps: number;
  readonly timeSource: number;
}

export type PtpMessage = { readonly header: PtpHeader } & (
  | { readonly name: "sync" | "delayRequest" | "followUp"; readonly time: PtpTime }
  | { readonly name: "delayResponse"; readonly time: PtpTime; readonly requester: Uint8Array }
  | { readonly name: "announce"; readonly time: PtpTime; readonly announcement: Announcement }
);

const headerBytes = 34;
const lengths: Record<MessageName, number> = {
  sync: 44,
  delayRequest: 44,
  followUp: 44,
  delayResponse: 54,
  announce: 64,
};
/** §13.3.2.13: kept for version 1's sake. */
const controls: Record<MessageName, number> = {
  sync: 0,
  delayRequest: 1,
  followUp: 2,
  delayResponse: 3,
  announce: 5,
};
const names = new Map(
  Object.entries(messageTypes).map(([name, type]) => [type as number, name as MessageName]),
);

/** Event messages are stamped, and have a port of their own (319; the others 320). */
export const isEvent = (name: MessageName): boolean => name === "sync" || name === "delayRequest";

/** A message of version 2, its TLVs passed over. Faults: truncated, invalid; also for messages of other
 *  kinds. */
export const readMessage = (bytes: Uint8Array): Result<PtpMessage> => decode(read, bytes);

/**  0  sdoId, type          1  version
 *   2  length (2)           4  domain      5  minor sdoId
 *   6  flags (2)            8  correction (8)
 *  16  type specific (4)   20  source port identity (10)
 *  30  sequence (2)        32  control    33  log interval      34  the body, which begins with a timestamp
 *  */
function read(r: Reader): PtpMessage {
  const name = names.get(r.u8() & 15);
  r.expect((r.u8() & 15) === 2, "version 2");
  const length = r.u16();
  r.expect(name !== undefined && length >= lengths[name], "a message of this kind, whole");
  const domain = r.u8();
  r.skip(1);
  const flagBits = r.u16();
  const correction = r.i64();
  r.skip(4);
  const source = r.bytes(10).slice();
  const sequence = r.u16();
  r.skip(1);
  const header = { domain, flags: flagBits, correction, source, sequence, interval: r.i8() };
  const body = r.part(length - headerBytes);
  const time = readTime(body);
  if (name === "delayResponse") return { name, header, time, requester: body.bytes(10).slice() };
  if (name === "announce") return { name, header, time, announcement: readAnnouncement(body) };
  return { name, header, time };
}

export function writeMessage(message: PtpMessage): Uint8Array {
  const { name, header, time } = message;
  const w = new Writer(64);
  w.u8(messageTypes[name]);
  w.u8(0x12); // version 2.1
  w.u16(lengths[name]);
  w.u8(header.domain);
  w.u8(0);
  w.u16(header.flags);
  w.i64(header.correction);
  w.zeros(4);
  w.bytes(header.source);
  w.u16(header.sequence);
  w.u8(controls[name]);
  w.i8(header.interval);
  writeTime(w, time);
  if (name === "delayResponse") w.bytes(message.requester);
  if (name === "announce") writeAnnouncement(w, message.announcement);
  return w.take();
}

/** §5.3.3: seconds (6), nanoseconds (4). */
function readTime(r: Reader): PtpTime {
  const high = r.u16();
  const time = { seconds: high * 2 ** 32 + r.u32(), nanoseconds: r.u32() };
  r.expect(time.nanoseconds < 1e9, "nanoseconds below a second");
  return time;
}
function writeTime(w: Writer, { seconds, nanoseconds }: PtpTime): void {
  w.u16(Math.floor(seconds / 2 ** 32));
  w.u32(seconds >>> 0);
  w.u32(nanoseconds);
}

/** 44  UTC offset (2)   46 –   47  priority 1   48  class   49  accuracy   50  variance (2)
 *  52  priority 2       53  grandmaster (8)     61  steps removed (2)      63  time source */
function readAnnouncement(r: Reader): Announcement {
  const utcOffset = r.i16();
  r.skip(1);
  return {
    utcOffset,
    priority1: r.u8(),
    clockClass: r.u8(),
    accuracy: r.u8(),
    variance: r.u16(),
    priority2: r.u8(),
    grandmaster: r.bytes(8).slice(),
    steps: r.u16(),
    timeSource: r.u8(),
  };
}
function writeAnnouncement(w: Writer, a: Announcement): void {
  w.i16(a.utcOffset);
  w.zeros(1);
  w.u8(a.priority1);
  w.u8(a.clockClass);
  w.u8(a.accuracy);
  w.u16(a.variance);
  w.u8(a.priority2);
  w.bytes(a.grandmaster);
  w.u16(a.steps);
  w.u8(a.timeSource);
}

/** Correction fields as seconds. */
export const correctionSeconds = (correction: bigint): number => Number(correction) / 65_536e9;

/** Seconds of a time since `epoch` (seconds on the same timescale). */
export const secondsSince = ({ seconds, nanoseconds }: PtpTime, epoch: number): number =>
  seconds - epoch + nanoseconds * 1e-9;
