import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, equalBytes } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { parseIp } from "../../base/ip.ts";
import { asInstant } from "../../base/time.ts";
import { Siv } from "../../crypto/siv.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { NtpServer, type Decision } from "../ntp/exchange.ts";
import { InterleavedPairs } from "../ntp/interleaved.ts";
import { KeyRing } from "../ntp/keys.ts";
import { readField, readTail, writeField, type ExtensionField } from "../ntp/tail.ts";
import { cookieBytes, CookieJar, epochSeconds, secretToKeep, type AssociationKeys } from "./cookie.ts";
import { KeSession } from "./key-establishment.ts";
import { bodyOf, numbersOf, readRecord, writeRecord, type KeRecord } from "./record.ts";
import { authenticatorBody, fieldTypes, NtsFields, readAuthenticator } from "./server-fields.ts";

const entropy = seededEntropy(99);
const now = 1_795_000_000;
const secret = secretToKeep(undefined, now, entropy);
const jar = new CookieJar(secret, entropy);
const keys: AssociationKeys = { aead: 15, c2s: entropy(32), s2c: entropy(32) };
const reference = { seconds: 4_000_000_000, fraction: 1 };
const server = new NtpServer({
  status: () => ({
    leap: 0,
    stratum: 2,
    precision: -20,
    rootDelay: 0,
    rootDispersion: 0,
    referenceId: 1,
    reference,
  }),
  transmitTime: () => ({ seconds: 4_000_000_000, fraction: 2 }),
  allows: () => true,
  admits: () => "yes",
  keys: new KeyRing([]),
  pairs: new InterleavedPairs(new ArrayBuffer(InterleavedPairs.bytesFor(4))),
  fields: new NtsFields(jar, entropy, () => now),
});

const uniqueId = entropy(32);

interface Make {
  cookie?: Uint8Array;
  placeholders?: number;
  before?: (w: Writer) => void;
  after?: (w: Writer) => void;
  body?: (associated: Uint8Array) => Uint8Array;
  id?: Uint8Array | undefined;
  cookies?: number;
}

function request(make: Make = {}): Uint8Array {
  const { cookie = jar.seal(keys, now), placeholders = 0, cookies = 1 } = make;
  const w = new Writer();
  w.u8(0x23);
  w.zeros(39);
  w.bytes(entropy(8));
  if (!("id" in make)) writeField(w, fieldTypes.uniqueId, uniqueId);
  else if (make.id) writeField(w, fieldTypes.uniqueId, make.id);
  for (let i = 0; i < cookies; i++) writeField(w, fieldTypes.cookie, cookie);
  for (let i = 0; i < placeholders; i++) writeField(w, fieldTypes.placeholder, new Uint8Array(cookie.length));
  make.before?.(w);
  const nonce = entropy(16);
  const sealed = (associated: Uint8Array): Uint8Array =>
    authenticatorBody(nonce, new Siv(keys.c2s).seal([associated, nonce], new Uint8Array(0)));
  writeField(w, fieldTypes.authenticator, (make.body ?? sealed)(w.take()));
  make.after?.(w);
  return w.take();
}

const exchange = (packet: Uint8Array): Decision =>
  server.exchange(packet, { ip: parseIp("192.0.2.1")!, port: 4000 }, reference);

function fieldsOf(packet: Uint8Array): readonly ExtensionField[] {
  const read = decode((r) => {
    r.skip(48);
    return readTail(r, 4).fields;
  }, packet);
  if (!read.ok) throw new Error(read.fault.what);
  return read.value;
}

/** "reply", a kiss code, or the reason of the drop. */
function outcome(packet: Uint8Array): string {
  const decision = exchange(packet);
  if (decision.do === "drop") return decision.reason;
  expect(decision.bytes.length).toBeLessThanOrEqual(packet.length);
  return decision.bytes[1] === 0 ? Buffer.from(decision.bytes.subarray(12, 16)).toString() : "reply";
}

function cookiesIn(packet: Uint8Array): Uint8Array[] {
  const [id, authenticator] = fieldsOf(packet);
  expect(id).toMatchObject({ type: fieldTypes.uniqueId, body: uniqueId });
  const read = decode(readAuthenticator, authenticator!.body);
  if (!read.ok) throw new Error(read.fault.what);
  const associated = packet.subarray(0, authenticator!.at);
  const plain = new Siv(keys.s2c).open([associated, read.value.nonce], read.value.ciphertext)!;
  const all = decode((r: Reader) => {
    const fields: ExtensionField[] = [];
    while (r.remaining > 0) fields.push(readField(r));
    return fields;
  }, plain);
  if (!all.ok) throw new Error(all.fault.what);
  return all.value.map((field) => field.body);
}

test("a request is answered under its own key, with a fresh cookie for each that it made room for", () => {
  for (const placeholders of [0, 1, 3, 7, 8]) {
    const packet = request({ placeholders });
    const decision = exchange(packet);
    if (decision.do !== "reply") throw new Error(decision.reason);
    expect(decision.bytes.length).toBeLessThanOrEqual(packet.length);
    const cookies = cookiesIn(decision.bytes.slice());
    expect(cookies.length).toBe(Math.min(8, placeholders + 1));
    for (const cookie of cookies) expect(jar.open(cookie, now)).toEqual(keys);
  }
});

test("without placeholders, request and reply are of one size", () => {
  const packet = request();
  const decision = exchange(packet);
  expect([cookieBytes, packet.length, decision.do === "reply" && decision.bytes.length]).toEqual([
    104, 232, 232,
  ]);
});

test("each bad request has its answer (rows 27–40)", () => {
  const garbage = entropy(104);
  const old = jar.seal(keys, now - 10 * epochSeconds);
  const flipped = request();
  flipped[41]! ^= 1;
  const padded = (nonce: number, more: number) => (): Uint8Array => {
    const w = new Writer();
    w.u16(nonce);
    w.u16(16);
    w.zeros(((nonce + 3) & ~3) + 16 + more);
    return w.take();
  };
  const otherAead = new CookieJar(secret, entropy).seal({ ...keys, aead: 17 }, now);
  const placeholder = (size: number) => (w: Writer) =>
    writeField(w, fieldTypes.placeholder, new Uint8Array(size));
  const rows: [string, Uint8Array, string][] = [
    ["27 no unique id", request({ id: undefined }), "nts-unique-id"],
    ["27 two", request({ before: (w) => writeField(w, fieldTypes.uniqueId, uniqueId) }), "nts-unique-id"],
    ["28 short", request({ id: entropy(28) }), "nts-unique-id"],
    ["29 no cookie", request({ cookies: 0 }), "nts-cookie"],
    ["29 two", request({ cookies: 2 }), "nts-cookie"],
    ["30 empty", request({ cookie: new Uint8Array(0) }), "nts-cookie"],
    ["31 garbage", request({ cookie: garbage }), "NTSN"],
    ["32 expired", request({ cookie: old }), "NTSN"],
    [
      "33 nonce too long",
      request({ body: () => concat([Uint8Array.of(255, 255, 0, 16), entropy(32)]) }),
      "nts-authenticator",
    ],
    [
      "33 ciphertext too long",
      request({ body: () => concat([Uint8Array.of(0, 16, 255, 255), entropy(32)]) }),
      "nts-authenticator",
    ],
    ["33 no nonce", request({ body: padded(0, 16) }), "nts-authenticator"],
    ["34 missing padding", request({ body: padded(8, 0) }), "nts-authenticator"],
    ["34 with padding", request({ body: padded(8, 8) }), "NTSN"],
    ["35 flipped", flipped, "NTSN"],
    ["36 field behind", request({ after: (w) => writeField(w, 0x9999, entropy(24)) }), "reply"],
    ["37 short placeholder", request({ before: placeholder(60) }), "nts-placeholder"],
    ["38 64 placeholders", request({ placeholders: 64 }), "oversize"],
    ["38 15 placeholders", request({ placeholders: 13 }), "reply"],
    ["40 other AEAD", request({ cookie: otherAead }), "NTSN"],
    ["no authenticator", request().subarray(0, 192), "nts-authenticator"],
  ];
  for (const [name, packet, expected] of rows) expect([name, outcome(packet)]).toEqual([name, expected]);
});

test("a replayed request is answered again (row 39), and each reply has cookies of its own", () => {
  const packet = request();
  const seen = [1, 2].map(() => {
    const decision = exchange(packet);
    return decision.do === "reply" ? cookiesIn(decision.bytes.slice())[0]! : new Uint8Array(0);
  });
  expect(equalBytes(seen[0]!, seen[1]!)).toBe(false);
});

test("NTSN carries the unique id alone", () => {
  const decision = exchange(request({ cookie: entropy(104) }));
  const reply = decision.do === "reply" ? decision.bytes.slice() : new Uint8Array(0);
  expect(fieldsOf(reply).map(({ type, body }) => [type, body])).toEqual([[fieldTypes.uniqueId, uniqueId]]);
  expect(reply[0]! >> 6).toBe(3);
});

test("garbage in the authenticator is refused without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 120 }), (body) => {
      expect(["nts-authenticator", "NTSN"]).toContain(outcome(request({ body: () => body })));
    }),
    { numRuns: 300 },
  );
});

test("a kept secret opens what was sealed days before, and loses what is older", () => {
  const cookie = jar.seal(keys, now);
  const later = (days: number): CookieJar => {
    const kept = secretToKeep(secret, now + days * epochSeconds, entropy);
    return new CookieJar(kept, entropy);
  };
  expect(later(2).open(cookie, now + 2 * epochSeconds)).toEqual(keys);
  expect(later(5).open(cookie, now + 5 * epochSeconds)).toBeUndefined();
  const running = new CookieJar(secret, entropy);
  for (let day = 0; day < 10; day++) {
    const at = now + day * epochSeconds;
    expect(running.open(running.seal(keys, at), at)).toEqual(keys);
  }
  expect(running.open(cookie, now + 10 * epochSeconds)).toBeUndefined();
  expect(running.open(cookie, now)).toBeUndefined(); // even if the clock went back
  const fromTheFuture = secretToKeep(secretToKeep(undefined, now + 1e9, entropy), now, entropy);
  expect(fromTheFuture.epoch).toBeLessThanOrEqual(Math.floor(now / epochSeconds));
});

const record = (type: number, critical: boolean, ...numbers: number[]): KeRecord => ({
  critical,
  type,
  body: bodyOf(...numbers),
});
const bytesOf = (...records: KeRecord[]): Uint8Array => {
  const w = new Writer();
  for (const one of records) writeRecord(w, one);
  return w.take();
};
const end = record(0, true);

/** What a session says to these bytes, given piece by piece; undefined while it waits. */
function establish(bytes: Uint8Array, pieces = 1): KeRecord[] | undefined {
  const session = new KeSession({ server: undefined, port: 11123 }, asInstant(0));
  const size = Math.ceil(bytes.length / pieces) || 1;
  for (let at = 0; at < bytes.length; at += size) session.receive(bytes.subarray(at, at + size));
  let said: KeRecord[] | undefined;
  for (let effect = session.poll(); effect; effect = session.poll()) {
    if (effect.do === "ask") {
      const { cookies } = effect.ask;
      session.answer(
        effect.id,
        Array.from({ length: cookies }, () => jar.seal(keys, now)),
      );
    }
    if (effect.do === "send") {
      const read = decode((r) => {
        const records: KeRecord[] = [];
        while (r.remaining > 0) records.push(readRecord(r));
        return records;
      }, effect.bytes);
      said = read.ok ? read.value : undefined;
    }
    if (effect.do === "close" && !said) said = [];
  }
  return said;
}

const summary = (records: KeRecord[] | undefined): string =>
  (records ?? [])
    .map(({ type, body }) => (type === 5 ? "cookie" : `${type}:${(numbersOf(body) ?? []).join(",")}`))
    .join(" ");

test("key establishment answers once, whole, in however many pieces it was asked", () => {
  const asked = bytesOf(record(1, true, 0), record(4, false, 30, 15), end);
  const cookies = Array<string>(8).fill("cookie").join(" ");
  for (const pieces of [1, 3, asked.length]) {
    expect(summary(establish(asked, pieces))).toBe(`1:0 4:15 7:11123 ${cookies} 0:`);
  }
});

test("each bad request for keys has its answer (rows 46–52)", () => {
  const ntp = record(1, true, 0);
  const siv = record(4, true, 15);
  const rows: [string, KeRecord[], string][] = [
    ["47 too long", Array<KeRecord>(9000).fill(record(99, false, 1, 2)), ""],
    ["48 unknown critical", [ntp, siv, record(99, true), end], "2:0 0:"],
    ["50 two protocols", [ntp, ntp, siv, end], "2:1 0:"],
    ["50 two AEADs", [ntp, siv, siv, end], "2:1 0:"],
    ["50 no protocol", [siv, end], "2:1 0:"],
    ["50 no AEAD", [ntp, end], "2:1 0:"],
    ["50 odd length", [{ ...ntp, body: new Uint8Array(3) }, siv, end], "2:1 0:"],
    ["51 no common AEAD", [ntp, record(4, true, 30), end], "1:0 4: 7:11123 0:"],
    ["no common protocol", [record(1, true, 7), siv, end], "1: 0:"],
    ["52 a cookie", [ntp, siv, record(5, false, 1), end], "2:1 0:"],
  ];
  for (const [name, records, expected] of rows) {
    expect([name, summary(establish(bytesOf(...records)))]).toEqual([name, expected]);
  }
  expect(summary(establish(bytesOf(ntp, siv, record(99, false, 5), end)))).toContain("cookie"); // 49
  expect(establish(bytesOf(ntp, siv))).toBeUndefined(); // 46
});

test("who does not finish in time is closed", () => {
  const session = new KeSession({ server: undefined, port: 123 }, asInstant(1000));
  session.receive(Uint8Array.of(0x80));
  expect(Number(session.wakeAt)).toBe(3000);
  session.expire();
  expect(session.poll()).toEqual({ do: "close" });
  expect(session.poll()).toBeUndefined();
});
