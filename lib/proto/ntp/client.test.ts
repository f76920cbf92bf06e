import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { seededEntropy } from "../../base/entropy.ts";
import { parseIp } from "../../base/ip.ts";
import { decode } from "../../wire/decode.ts";
import { Writer } from "../../wire/writer.ts";
import { judgeReply, newQuestion, type Question } from "./client.ts";
import { readHeader, referenceIdOf, writeHeader, type Header } from "./header.ts";
import { KeyRing } from "./keys.ts";
import { writeMac } from "./tail.ts";
import { unknownTime } from "./timestamp.ts";

const entropy = seededEntropy(4);
const ip = parseIp("192.0.2.1")!;
const ring = new KeyRing([{ id: 7, type: "SHA256", secret: entropy(32), from: [] }]);
const ask = (): Question => newQuestion({ entropy, poll: 6 });

function reply(question: Question, change: Partial<Header> = {}): Uint8Array {
  const w = new Writer();
  writeHeader(w, {
    leap: 0,
    version: 4,
    mode: 4,
    stratum: 2,
    poll: 6,
    precision: -20,
    rootDelay: 0.01,
    rootDispersion: 0.01,
    referenceId: 1,
    reference: { seconds: 5, fraction: 0 },
    origin: question.transmit,
    receive: { seconds: 10, fraction: 0 },
    transmit: { seconds: 10, fraction: 1000 },
    ...change,
  });
  return w.take();
}

const verdict = (question: Question, packet: Uint8Array): string => {
  const judged = judgeReply(question, packet, ip);
  return judged.ok ? "good" : judged.fault.why === "kiss" ? judged.fault.code : judged.fault.why;
};

test("a question tells nothing of our clock: random transmit, all else zero but the poll", () => {
  const [a, b] = [ask(), ask()];
  expect(a.transmit).not.toEqual(b.transmit);
  const read = decode(readHeader, a.bytes);
  expect(read.ok && { ...read.value, transmit: 0 }).toEqual({
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
    transmit: 0,
  });
});

test("what a reply must be, and what becomes of one that is not (rows 54–62)", () => {
  const question = ask();
  const rows: [string, Partial<Header>, string][] = [
    ["good", {}, "good"],
    ["54 origin mismatch", { origin: { seconds: 1, fraction: 2 } }, "not-ours"],
    ["55 zero origin", { origin: unknownTime }, "not-ours"],
    ["another mode", { mode: 5 }, "not-ours"],
    ["57 transmit before receive", { transmit: { seconds: 9, fraction: 0 } }, "bogus-times"],
    ["57 held five seconds", { transmit: { seconds: 15, fraction: 0 } }, "bogus-times"],
    ["57 zero receive", { receive: unknownTime }, "bogus-times"],
    ["57 zero transmit", { transmit: unknownTime }, "bogus-times"],
    ["58 leap 3", { leap: 3 }, "unsynchronised"],
    ["58 stratum 0, no code", { stratum: 0, referenceId: 0 }, "bad-stratum"],
    ["58 stratum 16", { stratum: 16 }, "bad-stratum"],
    ["59 kiss of another's question", { stratum: 0, leap: 3, origin: unknownTime }, "not-ours"],
    ["61 RATE", { stratum: 0, leap: 3, referenceId: referenceIdOf("RATE") }, "RATE"],
    ["60 DENY", { stratum: 0, leap: 3, referenceId: referenceIdOf("DENY") }, "DENY"],
    ["62 root delay of a day", { rootDelay: 60_000 }, "distance"],
    ["62 root dispersion over 16 s", { rootDispersion: 16 }, "distance"],
  ];
  for (const [name, change, expected] of rows) {
    expect([name, verdict(question, reply(question, change))]).toEqual([name, expected]);
  }
});

test("an authenticated question takes only what is signed with its key", () => {
  const question = newQuestion({ entropy, poll: 6, key: { id: 7, ring } });
  expect(question.bytes.length).toBe(72);
  const signed = (id: number, key: number): Uint8Array => {
    const w = new Writer();
    w.bytes(reply(question));
    writeMac(w, id, ring.sign(key, w.view(), 20)!);
    return w.take();
  };
  expect(verdict(question, signed(7, 7))).toBe("good");
  expect(verdict(question, reply(question))).toBe("unauthenticated");
  expect(verdict(question, signed(8, 7))).toBe("unauthenticated");
  const flipped = signed(7, 7);
  flipped[3]! ^= 1;
  expect(verdict(question, flipped)).toBe("unauthenticated");
});

test("garbage is judged without a throw, and never good", () => {
  const question = ask();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (packet) => {
      expect(["not-ours", "malformed"]).toContain(verdict(question, packet));
    }),
  );
});
