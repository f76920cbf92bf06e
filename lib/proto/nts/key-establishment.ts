import { concat, utf8 } from "../../base/bytes.ts";
import type { Effect, Session } from "../../base/session.ts";
import { laterBy, type Instant } from "../../base/time.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import {
  aeadSivCmac256,
  bodyOf,
  keErrors,
  nextProtocolNtp,
  numbersOf,
  readRecord,
  recordTypes,
  writeRecord,
  type KeRecord,
} from "./record.ts";

/** Asks for the keys of this TLS connection under an AEAD, and cookies that hold them. */
export interface KeAsk {
  readonly aead: number;
  readonly cookies: number;
}
/** The cookies, or undefined where the keys could not be exported. */
export type KeAnswer = readonly Uint8Array[] | undefined;

/** What clients are told beside cookies. */
export interface KeOffer {
  /** Where to ask for the time, if not here: a name or address. */
  readonly server: string | undefined;
  /** UDP port, where it is not 123. */
  readonly port: number;
}

const cookiesGiven = 8;
const maxRequestBytes = 65_536;
/** A client has so long for its whole request. */
const patienceMs = 2000;

/** The server's side of RFC 8915 §4, one connection: waits for a whole request, answers once, closes. */
export class KeSession implements Session<KeAsk, KeAnswer> {
  readonly #offer: KeOffer;
  readonly #effects: Effect<KeAsk>[] = [];
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #state: "expect-request" | "expect-keys" | "done" = "expect-request";
  wakeAt: Instant | undefined;

  constructor(offer: KeOffer, now: Instant) {
    this.#offer = offer;
    this.wakeAt = laterBy(now, patienceMs);
  }

  receive(bytes: Uint8Array): void {
    if (this.#state !== "expect-request") return;
    this.#unread.push(Uint8Array.from(bytes));
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > maxRequestBytes) return this.#close();
    const whole = concat(this.#unread);
    this.#unread = [whole];
    const read = decode(readRequest, whole);
    if (read.ok && read.value) this.#take(read.value);
  }

  answer(_id: number, cookies: KeAnswer): void {
    if (!cookies) return this.#refuse(keErrors.internal);
    this.#reply([
      ...this.#agreed([aeadSivCmac256]),
      ...cookies.map((body) => ({ critical: false, type: recordTypes.cookie, body })),
    ]);
  }

  expire(): void {
    this.#close();
  }

  poll(): Effect<KeAsk> | undefined {
    return this.#effects.shift();
  }

  #take(records: readonly KeRecord[]): void {
    const verdict = judge(records);
    if (typeof verdict === "number") return this.#refuse(verdict);
    if (!verdict.protocol) return this.#reply([critical(recordTypes.nextProtocol)]);
    if (!verdict.aead) return this.#reply(this.#agreed([]));
    this.#state = "expect-keys";
    this.#effects.push({ do: "ask", id: 1, ask: { aead: aeadSivCmac256, cookies: cookiesGiven } });
  }

  /** NTPv4, the AEAD (or none), and where the time is served. */
  #agreed(aeads: readonly number[]): KeRecord[] {
    const { server, port } = this.#offer;
    const records = [
      critical(recordTypes.nextProtocol, nextProtocolNtp),
      critical(recordTypes.aead, ...aeads),
    ];
    if (server !== undefined) records.push({ ...critical(recordTypes.server), body: utf8(server) });
    if (port !== 123) records.push(critical(recordTypes.port, port));
    return records;
  }

  #refuse(error: number): void {
    this.#reply([critical(recordTypes.error, error)]);
  }

  #reply(records: readonly KeRecord[]): void {
    const w = new Writer(1024);
    for (const record of [...records, critical(recordTypes.end)]) writeRecord(w, record);
    this.#effects.push({ do: "send", bytes: w.take() });
    this.#close();
  }

  #close(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#unread = [];
    this.wakeAt = undefined;
    this.#effects.push({ do: "close" });
  }
}

const critical = (type: number, ...numbers: readonly number[]): KeRecord => ({
  critical: true,
  type,
  body: bodyOf(...numbers),
});

/** The records up to the end record; undefined while that has not come. */
function readRequest(r: Reader): KeRecord[] | undefined {
  const records: KeRecord[] = [];
  while (r.remaining > 0) {
    const record = readRecord(r);
    if (record.type === recordTypes.end) return records;
    records.push(record);
  }
  return undefined;
}

/** What a request asks for that we have; or the error it deserves (RFC 8915 §4.1). */
function judge(records: readonly KeRecord[]): { protocol: boolean; aead: boolean } | number {
  const { nextProtocol, aead, error, warning, cookie, server, port } = recordTypes;
  let protocols: number[] | undefined;
  let aeads: number[] | undefined;
  for (const { type, critical, body } of records) {
    if (type === nextProtocol && !protocols) protocols = numbersOf(body) ?? [];
    else if (type === aead && !aeads) aeads = numbersOf(body) ?? [];
    else if (type === nextProtocol || type === aead) return keErrors.badRequest;
    else if (type === error || type === warning || type === cookie) return keErrors.badRequest;
    else if (type !== server && type !== port && critical) return keErrors.unknownCritical;
  }
  if (!protocols?.length) return keErrors.badRequest;
  if (!protocols.includes(nextProtocolNtp)) return { protocol: false, aead: false };
  return aeads?.length ? { protocol: true, aead: aeads.includes(aeadSivCmac256) } : keErrors.badRequest;
}
