import { expect, test } from "bun:test";
import { concat } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { parseIp, parsePrefix } from "../../base/ip.ts";
import { decode } from "../../wire/decode.ts";
import { Writer } from "../../wire/writer.ts";
import { NtpServer, type Decision, type Peer, type ServerNeeds } from "./exchange.ts";
import { readHeader, writeHeader, type Header } from "./header.ts";
import { InterleavedPairs } from "./interleaved.ts";
import { KeyRing, keyTypes, parseKeys, type SymmetricKey } from "./keys.ts";
import { writeField, writeMac } from "./tail.ts";
import { difference, timestampOf, unknownTime } from "./timestamp.ts";

const at = timestampOf(1_795_000_000, 250_000_000);
const sent = timestampOf(1_795_000_000, 250_100_000);
const client: Peer = { ip: parseIp("192.0.2.9")!, port: 40_000 };

const secret = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i + 1);
const keys: SymmetricKey[] = keyTypes.map((type, i) => ({
  id: i + 1,
  type,
  secret: secret(type === "AES256" ? 32 : 16),
  from: type === "MD5" ? [parsePrefix("198.51.100.0/24")!] : [],
}));

const needs = (more: Partial<ServerNeeds> = {}): ServerNeeds => ({
  status: () => ({
    leap: 0,
    stratum: 10,
    precision: -23,
    rootDelay: 0,
    rootDispersion: 1,
    referenceId: 0x7f7f0101,
    reference: at,
  }),
  transmitTime: () => sent,
  allows: () => true,
  admits: () => "yes",
  keys: new KeyRing(keys),
  pairs: new InterleavedPairs(new ArrayBuffer(InterleavedPairs.bytesFor(16))),
  fields: undefined,
  ...more,
});

const request = (change: Partial<Header> = {}): Uint8Array => {
  const w = new Writer();
  writeHeader(w, {
    leap: 0,
    version: 4,
    mode: 3,
    stratum: 0,
    poll: 6,
    precision: 32,
    rootDelay: 0,
    rootDispersion: 0,
    referenceId: 0,
    reference: unknownTime,
    origin: unknownTime,
    receive: unknownTime,
    transmit: { seconds: 0xdeadbeef, fraction: 0x01020304 },
    ...change,
  });
  return w.take();
};

const ask = (packet: Uint8Array, from = client, more: Partial<ServerNeeds> = {}): Decision =>
  new NtpServer(needs(more)).exchange(packet, from, at);

const replyTo = (packet: Uint8Array): Header => {
  const decision = ask(packet);
  if (decision.do !== "reply") throw new Error(decision.reason);
  const read = decode(readHeader, decision.bytes);
  if (!read.ok) throw new Error(read.fault.what);
  return read.value;
};

/** The reason of the drop, or "reply". */
const outcome = (packet: Uint8Array, from = client, more: Partial<ServerNeeds> = {}): string => {
  const decision = ask(packet, from, more);
  return decision.do === "reply" ? "reply" : decision.reason;
};

const field = (type: number, length: number, body: number): Uint8Array => {
  const bytes = new Uint8Array(4 + body);
  new DataView(bytes.buffer).setUint16(0, type);
  new DataView(bytes.buffer).setUint16(2, length);
  return bytes;
};

test("a client of each version is answered in its own version, with its own transmit time as origin", () => {
  for (const version of [1, 2, 3, 4]) {
    const reply = replyTo(request({ version, poll: 9 }));
    expect(reply).toMatchObject({ version, mode: 4, stratum: 10, leap: 0, poll: 9, precision: -23 });
    expect(reply.origin).toEqual({ seconds: 0xdeadbeef, fraction: 0x01020304 });
    expect(reply.receive).toEqual(at);
    expect(reply.transmit).toEqual(sent);
    expect(reply.rootDispersion).toBe(1);
  }
});

test("version 1 without a mode is a client, unless it asks from port 123", () => {
  const packet = request({ version: 1, mode: 0 });
  expect(replyTo(packet).mode).toBe(0);
  expect(outcome(packet, { ...client, port: 123 })).toBe("mode");
});

test("where nobody knows the time the reply says so", () => {
  const status = { ...needs().status(), stratum: 0 };
  const decision = ask(request(), client, { status: () => status });
  expect(decision.do === "reply" && [decision.bytes[0]! >> 6, decision.bytes[1]]).toEqual([3, 0]);
});

test("a reply never leaves before its request came, even where the stamps say so", () => {
  for (const fraction of [0, 1, 250_000, 0x7fffffff, 0xfffffffe, 0xffffffff]) {
    const came = { ...at, fraction };
    const decision = new NtpServer(needs({ transmitTime: () => came })).exchange(request(), client, came);
    const read = decision.do === "reply" ? decode(readHeader, decision.bytes) : undefined;
    if (!read?.ok) throw new Error("no reply");
    const held = difference(read.value.transmit, read.value.receive);
    expect([fraction, held > 0 && held < 1e-8, read.value.transmit.fraction & 1]).toEqual([
      fraction,
      true,
      0,
    ]);
  }
});

test("each bad input has its answer (rows 1–25)", () => {
  const plain = request();
  const v3 = request({ version: 3 });
  const key = (id: number, size: number): Uint8Array => {
    const mac = new Uint8Array(4 + size);
    mac[3] = id;
    return mac;
  };
  const rows: [string, Uint8Array, string, Peer?, Partial<ServerNeeds>?][] = [
    ["1 nothing", new Uint8Array(0), "short"],
    ["2 one byte", plain.subarray(0, 1), "short"],
    ["2 47 bytes", plain.subarray(0, 47), "short"],
    ["3 not a multiple of four", concat([plain, new Uint8Array(3)]), "ragged"],
    ["4 crypto-NAK", concat([plain, new Uint8Array(4)]), "crypto-nak"],
    ["5 unknown key", concat([plain, key(9, 16)]), "unknown-key"],
    ["5 unknown key in version 3", concat([v3, key(9, 20)]), "unknown-key"],
    ["8 version 0", request({ version: 0 }), "version"],
    ["8 version 5", request({ version: 5 }), "version"],
    ["8 version 6", request({ version: 6 }), "version"],
    ["8 version 7", request({ version: 7 }), "version"],
    ["9 mode 0", request({ mode: 0 }), "mode"],
    ["10 mode 1", request({ mode: 1 }), "mode"],
    ["11 mode 2", request({ mode: 2 }), "mode"],
    ["11 mode 4", request({ mode: 4 }), "mode"],
    ["12 mode 5", request({ mode: 5 }), "mode"],
    ["13 mode 6", Uint8Array.of(0x26, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), "control"],
    ["14 mode 7 monlist", Uint8Array.of(0x17, 0, 3, 0x2a, 0, 0, 0, 0), "private"],
    ["17 field of length 0", concat([plain, field(0x104, 0, 28)]), "tail"],
    ["17 field of length 4", concat([plain, field(0x104, 4, 28)]), "tail"],
    ["17 field of length 12", concat([plain, field(0x104, 12, 28)]), "tail"],
    ["18 field of length 30", concat([plain, field(0x104, 30, 28)]), "tail"],
    ["19 field past the end", concat([plain, field(0x104, 64, 28)]), "tail"],
    ["19 field of 65535", concat([plain, field(0x104, 65535, 28)]), "tail"],
    ["20 seventeen fields", concat([plain, ...Array<Uint8Array>(17).fill(field(0x9999, 28, 24))]), "tail"],
    [
      "21 sixteen unknown fields",
      concat([plain, ...Array<Uint8Array>(16).fill(field(0x9999, 28, 24))]),
      "reply",
    ],
    ["23 65507 bytes", new Uint8Array(65507).fill(0x23), "oversize"],
    ["24 over the rate", plain, "limited", client, { admits: () => "no" }],
    ["25 denied", plain, "denied", client, { allows: () => false }],
    ["a tail of eight bytes", concat([plain, new Uint8Array(8)]), "tail"],
    ["a MAC of 24 bytes", concat([plain, new Uint8Array(28)]), "tail"],
  ];
  for (const [name, packet, expected, from, more] of rows) {
    expect([name, outcome(packet, from, more)]).toEqual([name, expected]);
  }
});

test("ports and addresses that no client has are not answered (rows 15, 16)", () => {
  for (const port of [0, 7, 13, 17, 19]) expect(outcome(request(), { ...client, port })).toBe("source");
  for (const text of ["0.0.0.0", "255.255.255.255", "224.0.1.1", "239.1.2.3", "::", "ff02::101"]) {
    expect([text, outcome(request(), { ip: parseIp(text)!, port: 5000 })]).toEqual([text, "source"]);
  }
  expect(outcome(request(), { ip: parseIp("2001:db8::1")!, port: 123 })).toBe("reply");
});

test("nothing is counted against a client whose packet was refused for its shape", () => {
  let counted = 0;
  const admits = (): "yes" => (++counted > 0 ? "yes" : "yes");
  ask(new Uint8Array(10), client, { admits });
  ask(request({ mode: 4 }), client, { admits });
  ask(request(), client, { admits, allows: () => false });
  expect(counted).toBe(0);
});

const signed = (packet: Uint8Array, id: number, length = 20): Uint8Array => {
  const w = new Writer();
  w.bytes(packet);
  writeMac(w, id, new KeyRing(keys).sign(id, packet, length)!);
  return w.take();
};

test("an authenticated request is answered under the same key, for every kind of key", () => {
  const ring = new KeyRing(keys);
  const allowed: Peer = { ip: parseIp("198.51.100.7")!, port: 40_000 };
  for (const { id, type } of keys) {
    for (const version of [3, 4]) {
      const packet = signed(request({ version }), id, version === 4 ? 20 : 64);
      const decision = ask(packet, allowed);
      if (decision.do !== "reply") throw new Error(`${type}: ${decision.reason}`);
      expect(decision.bytes.length).toBe(packet.length);
      const mac = decision.bytes.slice(52);
      expect(ring.verdict(id, decision.bytes.slice(0, 48), mac, allowed.ip)).toBe("good");
    }
  }
});

test("a wrong digest, or a key from an address it is not for, is not answered (rows 6, 7)", () => {
  const wrong = signed(request(), 3);
  wrong[60]! ^= 1;
  expect(outcome(wrong)).toBe("bad-digest");
  const other = signed(request(), 3);
  other[40]! ^= 1;
  expect(outcome(other)).toBe("bad-digest");
  expect(outcome(signed(request(), 1))).toBe("key-not-allowed");
});

test("a key file is read as chrony's, with what is wrong told by its line and without the secret", () => {
  const lines = ["# keys", "1 MD5 HEX:0102", "2 SHA256 ASCII:longsecret", "", "3 plain"];
  lines.push("4 AES128 HEX:000102030405060708090a0b0c0d0e0f 192.0.2.0/24,::1");
  const read = parseKeys(lines.join("\n"), "keys");
  expect(read.ok && read.value.map(({ id, type, from }) => [id, type, from.length])).toEqual([
    [1, "MD5", 0],
    [2, "SHA256", 0],
    [3, "MD5", 0],
    [4, "AES128", 2],
  ]);
  const wrong = ["0 MD5 x", "x", "5 AES128 HEX:00ff", "5 ROT13 geheim", "5 MD5 HEX:0g"];
  for (const line of [...wrong, "5 MD5 geheim nonsense"]) {
    const bad = parseKeys(`1 MD5 a\n${line}`, "keys");
    expect([line, !bad.ok && bad.fault.where]).toEqual([line, "keys:2"]);
    expect(JSON.stringify(bad)).not.toContain("geheim");
  }
});

test("interleaved: the third reply tells when the second left, to its own client alone (row 26)", () => {
  const stamp = (n: number, low: 0 | 1) => ({ seconds: 4_000_000_000 + n, fraction: 1000 + low });
  let n = 0;
  const server = new NtpServer(needs({ transmitTime: () => stamp(n, 0) }));
  const exchange = (change: Partial<Header>, from = client) => {
    n += 10;
    const decision = server.exchange(request(change), from, stamp(n, 1));
    if (decision.do !== "reply") throw new Error(decision.reason);
    const read = decode(readHeader, decision.bytes);
    if (!read.ok) throw new Error(read.fault.what);
    return { reply: read.value, awaits: decision.awaits };
  };
  const random = (seconds: number) => ({ seconds, fraction: 77 });
  const first = exchange({ transmit: random(1) });
  expect([first.reply.origin, first.awaits]).toEqual([random(1), undefined]);
  const second = exchange({ origin: first.reply.receive, receive: random(2), transmit: random(3) });
  expect(second.reply.origin).toEqual(random(3));
  expect(second.awaits).toEqual(second.reply.receive);
  server.sent(second.awaits!, stamp(21, 0));
  const other = exchange(
    { origin: second.reply.receive, receive: random(4), transmit: random(5) },
    { ip: parseIp("192.0.2.10")!, port: 40_000 },
  );
  expect(other.reply.origin).toEqual(random(5));
  const third = exchange({ origin: second.reply.receive, receive: random(6), transmit: random(7) });
  expect(third.reply.origin).toEqual(random(6));
  expect(third.reply.transmit).toEqual(stamp(21, 0));
  const same = exchange({ origin: third.reply.receive, receive: random(8), transmit: random(8) });
  expect([same.reply.origin, same.awaits]).toEqual([random(8), undefined]);
});

test("a kiss is as large as the request at most, and says its code", () => {
  const decision = ask(request(), client, { admits: () => "kiss" });
  expect(decision.do === "reply" && [decision.bytes[0]! >> 6, decision.bytes[1]]).toEqual([3, 0]);
  expect(decision.do === "reply" && Buffer.from(decision.bytes.subarray(12, 16)).toString()).toBe("RATE");
});

/** Well-formed and misshapen packets, cut, stretched and with bits flipped. */
function* mutated(count: number, seed: number): Generator<Uint8Array> {
  const entropy = seededEntropy(seed);
  const roll = (sides: number): number => {
    const [a, b, c] = entropy(3);
    return ((a! << 16) | (b! << 8) | c!) % sides;
  };
  const w = new Writer();
  for (let i = 0; i < count; i++) {
    w.clear();
    w.bytes(request({ version: 1 + roll(4), mode: roll(4) === 0 ? roll(8) : 3 }));
    for (let n = roll(4); n > 0; n--)
      writeField(w, entropy(1)[0]! * 257, entropy(roll(40)), 16 + roll(4) * 4);
    if (roll(4) === 0) w.bytes(entropy(roll(64)));
    const packet = w.take();
    for (let n = roll(6); n > 0; n--) packet[roll(packet.length)]! ^= 1 << roll(8);
    yield roll(8) === 0 ? packet.subarray(0, roll(packet.length + 1)) : packet;
  }
}

test("any datagram: at most one reply, never larger than the request, never a throw", () => {
  const count = process.env["HOLDFAST_LONG"] ? 1_000_000 : 30_000;
  const server = new NtpServer(needs());
  let replies = 0;
  for (const packet of mutated(count, 20261121)) {
    const decision = server.exchange(packet, client, at);
    if (decision.do !== "reply") continue;
    replies++;
    if (decision.bytes.length > packet.length) throw new Error(`reply larger than ${packet.toHex()}`);
  }
  expect(replies).toBeGreaterThan(count / 10);
});
