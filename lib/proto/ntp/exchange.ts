import type { Ip } from "../../base/ip.ts";
import { decode } from "../../wire/decode.ts";
import { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import {
  headerBytes,
  leaps,
  modes,
  readHeader,
  referenceIdOf,
  writeHeader,
  type Header,
  type Leap,
} from "./header.ts";
import type { InterleavedPairs } from "./interleaved.ts";
import type { KeyRing } from "./keys.ts";
import { readTail, writeMac, type ExtensionField, type Tail } from "./tail.ts";
import { difference, sameTime, unknownTime, type Timestamp } from "./timestamp.ts";

/** Why a datagram gets no answer. Each is a counter; nothing else changes. */
export const dropReasons = [
  "short", // under 48 bytes
  "ragged", // not a multiple of four
  "oversize", // over any request that exists
  "version", // not 1–4
  "mode", // nothing that a client asks
  "control", // mode 6, which is read on loopback only, elsewhere
  "private", // mode 7, never
  "source", // an address or port that no client has
  "denied", // by the access list
  "limited", // by the rate limit
  "tail", // extension fields or MAC that cannot be read
  "crypto-nak", // a client's request that ends in one
  "unknown-key",
  "bad-digest",
  "key-not-allowed", // a key from an address it is not for
  "nts-unique-id", // none, two, or under 32 bytes
  "nts-cookie", // none, two, or an empty one
  "nts-authenticator", // lengths or padding that do not fit
  "nts-placeholder", // of another length than the cookie's
  "reply-too-large",
] as const;
export type DropReason = (typeof dropReasons)[number];

/** One packet in, one decision out. `bytes` are valid until the next exchange of the same server. */
export type Decision =
  | {
      readonly do: "reply";
      readonly bytes: Uint8Array;
      /** Set where the client is interleaved: tell `sent` when the reply truly left, under this name. */
      readonly awaits: Timestamp | undefined;
    }
  | { readonly do: "drop"; readonly reason: DropReason };

/** Who asks, and through which of our own addresses. */
export interface Peer {
  readonly ip: Ip;
  readonly port: number;
}

/** What our clock is worth at this moment: what a reply says of it. */
export interface ServerStatus {
  readonly leap: Leap;
  /** 1–15; 0 where nobody knows the time. */
  readonly stratum: number;
  /** log₂ seconds. */
  readonly precision: number;
  /** Seconds. */
  readonly rootDelay: number;
  /** Seconds, as of now. */
  readonly rootDispersion: number;
  readonly referenceId: number;
  readonly reference: Timestamp;
}

/** What the exchange needs of the world. */
export interface ServerNeeds {
  status(): ServerStatus;
  /** The clock as it is now, for the transmit stamp: its low fraction bit clear, unlike a receive stamp's. */
  transmitTime(): Timestamp;
  /** By the access list. */
  allows(ip: Ip): boolean;
  /** By the rate limit, which counts the request. `kiss`: tell the client to slow down. */
  admits(ip: Ip): "yes" | "no" | "kiss";
  readonly keys: KeyRing;
  readonly pairs: InterleavedPairs;
  readonly fields: FieldAuthentication | undefined;
}

/** Authentication by extension fields: what NTS is to the exchange. */
export interface FieldAuthentication {
  open(packet: Uint8Array, fields: readonly ExtensionField[]): FieldVerdict;
}

export type FieldVerdict =
  /** The request does not use it. */
  | { readonly is: "absent" }
  | { readonly is: "drop"; readonly reason: DropReason }
  /** It cannot be understood any more: the client shall begin anew. `write` adds what the kiss carries. */
  | { readonly is: "kiss"; readonly code: string; write(w: Writer): void }
  /** `write` adds the reply's fields behind its header. */
  | { readonly is: "good"; write(w: Writer): void };

/** Beyond the largest request with NTS (eight cookies of the longest kind). */
const maxRequestBytes = 2048;

/** Ports that answer anything sent to them (0, echo, daytime, quotd, chargen): a reply would begin a
 *  ping-pong. */
const reflectors = new Set([0, 7, 13, 17, 19]);

/** The answering half of NTP (RFC 5905 §9.2): versions 1–4 of a client's request, basic or interleaved.
 *  Order of work: length, version, mode, source, access, rate, tail, authentication, reply. */
export class NtpServer {
  readonly #needs: ServerNeeds;
  readonly #reply = new Writer(maxRequestBytes);

  constructor(needs: ServerNeeds) {
    this.#needs = needs;
  }

  /** Never throws on any bytes; the reply is never larger than `packet`. `receivedAt` is the kernel's stamp.
   *  */
  exchange(packet: Uint8Array, from: Peer, receivedAt: Timestamp): Decision {
    const misfit = misshapen(packet) ?? unfit(packet, from);
    if (misfit) return drop(misfit);
    if (!this.#needs.allows(from.ip)) return drop("denied");
    const admitted = this.#needs.admits(from.ip);
    if (admitted === "no") return drop("limited");
    // Most requests are a header alone.
    if (packet.length === headerBytes && admitted === "yes") {
      return this.#answer(packet, readHeader(new Reader(packet)), from, receivedAt, nothing);
    }
    const read = decode(readRequest, packet);
    if (!read.ok) return drop("tail");
    const { header, tail } = read.value;
    if (admitted === "kiss") return this.#kiss(packet, header, "RATE", () => {});
    return this.#authenticated(packet, header, tail, from, receivedAt);
  }

  /** When the reply that `awaits` this stamp truly left. */
  sent(awaited: Timestamp, at: Timestamp): void {
    this.#needs.pairs.correct(awaited, at);
  }

  #authenticated(
    packet: Uint8Array,
    header: Header,
    tail: Tail,
    from: Peer,
    receivedAt: Timestamp,
  ): Decision {
    const { keys, fields } = this.#needs;
    if (tail.end === "crypto-nak") return drop("crypto-nak");
    if (tail.end !== "nothing") {
      const { keyId, digest, covers } = tail.end;
      const verdict = keys.verdict(keyId, packet.subarray(0, covers), digest, from.ip);
      if (verdict !== "good") return drop(verdict);
      return this.#answer(packet, header, from, receivedAt, (w) => {
        writeMac(w, keyId, keys.sign(keyId, w.view(), digest.length)!);
      });
    }
    const verdict = fields?.open(packet, tail.fields) ?? absent;
    if (verdict.is === "drop") return drop(verdict.reason);
    if (verdict.is === "kiss") return this.#kiss(packet, header, verdict.code, (w) => verdict.write(w));
    return this.#answer(packet, header, from, receivedAt, (w) => {
      if (verdict.is === "good") verdict.write(w);
    });
  }

  #answer(
    packet: Uint8Array,
    request: Header,
    from: Peer,
    receive: Timestamp,
    finish: (w: Writer) => void,
  ): Decision {
    const { pairs } = this.#needs;
    const isInterleaving = showsInterleaving(request);
    const earlier = isInterleaving ? pairs.find(request.origin, from.ip) : undefined;
    const now = this.#needs.transmitTime();
    if (isInterleaving) pairs.save(receive, from.ip, now);
    const reply = replyHeader(request, this.#needs.status(), {
      origin: earlier ? request.receive : request.transmit,
      receive,
      transmit: earlier ?? (difference(now, receive) > 0 ? now : justAfter(receive)),
    });
    return this.#send(packet, reply, finish, isInterleaving ? receive : undefined);
  }

  #kiss(packet: Uint8Array, request: Header, code: string, finish: (w: Writer) => void): Decision {
    const stamps = { origin: request.transmit, receive: unknownTime, transmit: unknownTime };
    const reply = replyHeader(request, { ...this.#needs.status(), stratum: 0 }, stamps);
    return this.#send(packet, { ...reply, referenceId: referenceIdOf(code) }, finish, undefined);
  }

  #send(
    packet: Uint8Array,
    reply: Header,
    finish: (w: Writer) => void,
    awaits: Timestamp | undefined,
  ): Decision {
    const w = this.#reply;
    w.clear();
    writeHeader(w, reply);
    finish(w);
    return w.length > packet.length ? drop("reply-too-large") : { do: "reply", bytes: w.view(), awaits };
  }
}

const nothing = (): void => {};
const absent: FieldVerdict = { is: "absent" };

/** RFC 9769 §2: the request's origin is a receive stamp of ours (their lowest bit is set), and its own
 *  receive
 *  and transmit differ. */
const showsInterleaving = (request: Header): boolean =>
  (request.origin.fraction & 1) === 1 && !sameTime(request.receive, request.transmit);

const drop = (reason: DropReason): Decision => ({ do: "drop", reason });

function readRequest(r: Reader): { header: Header; tail: Tail } {
  const header = readHeader(r);
  return { header, tail: readTail(r, header.version) };
}

function misshapen(packet: Uint8Array): DropReason | undefined {
  if (packet.length > maxRequestBytes) return "oversize";
  const mode = packet.length > 0 ? packet[0]! & 7 : 0;
  if (mode === modes.control) return "control";
  if (mode === modes.private) return "private";
  if (packet.length < headerBytes) return "short";
  return packet.length % 4 === 0 ? undefined : "ragged";
}

function unfit(packet: Uint8Array, from: Peer): DropReason | undefined {
  if (!isClientAddress(from.ip) || reflectors.has(from.port)) return "source";
  const version = (packet[0]! >> 3) & 7;
  if (version < 1 || version > 4) return "version";
  const mode = packet[0]! & 7;
  if (mode === modes.client) return undefined;
  // RFC 5905 appendix A: NTPv1 had no mode; a client is one that does not ask from port 123.
  return mode === 0 && version === 1 && from.port !== 123 ? undefined : "mode";
}

/** Whether a single host could have sent from here: not the unspecified, a multicast or the broadcast
 *  address. */
function isClientAddress(ip: Ip): boolean {
  if (ip.length === 4) return ip[0] !== 0 && ip[0]! < 224;
  return ip[0] !== 0xff && !ip.every((byte) => byte === 0);
}

function replyHeader(
  request: Header,
  status: ServerStatus,
  stamps: Pick<Header, "origin" | "receive" | "transmit">,
): Header {
  const known = status.stratum >= 1 && status.stratum <= 15 && status.leap !== leaps.unsynchronised;
  return {
    leap: known ? status.leap : leaps.unsynchronised,
    version: request.version,
    mode: request.mode === modes.client ? modes.server : 0,
    stratum: known ? status.stratum : 0,
    poll: request.poll,
    precision: status.precision,
    rootDelay: status.rootDelay,
    rootDispersion: status.rootDispersion,
    referenceId: status.referenceId,
    reference: status.reference,
    origin: stamps.origin,
    receive: stamps.receive,
    transmit: stamps.transmit,
  };
}

/** A reply is never sent before its request came, whatever the noise in the stamps' last bits says. The
 *  lowest
 *  bit stays clear: it tells a transmit stamp from a receive stamp. */
function justAfter({ seconds, fraction }: Timestamp): Timestamp {
  const next = (fraction | 1) + 1;
  return next === 0 ? { seconds: (seconds + 1) >>> 0, fraction: 0 } : { seconds, fraction: next >>> 0 };
}
