import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { must } from "../../base/result.ts";
import { PtpMaster, type PtpOut } from "./master.ts";
import {
  flags,
  readMessage,
  writeMessage,
  type Announcement,
  type PtpMessage,
  type PtpTime,
} from "./message.ts";
import { PtpSlave, type PtpSample } from "./slave.ts";

const identity = (n: number) => Uint8Array.of(0, 0x16, 0x3e, 0xff, 0xfe, 0, 0, n, 0, 1);
const announcement: Announcement = {
  utcOffset: 37,
  priority1: 128,
  clockClass: 6,
  accuracy: 0x27,
  variance: 0xffff,
  priority2: 128,
  grandmaster: identity(1).subarray(0, 8),
  steps: 0,
  timeSource: 0x20,
};
const header = { domain: 0, flags: 0, correction: -1n, source: identity(1), sequence: 7, interval: -3 };
const time: PtpTime = { seconds: 2 ** 40 + 5, nanoseconds: 999_999_999 };
const each: readonly PtpMessage[] = [
  { name: "sync", header, time },
  { name: "delayRequest", header, time },
  { name: "followUp", header, time },
  { name: "delayResponse", header, time, requester: identity(9) },
  { name: "announce", header, time, announcement },
];

test("each message is read as it was written, with what follows it passed over", () => {
  for (const message of each) {
    const bytes = writeMessage(message);
    expect(must(readMessage(bytes))).toEqual(message);
    expect(must(readMessage(Uint8Array.of(...bytes, 0, 3, 0, 2, 1, 1)))).toEqual(message);
    for (let cut = 0; cut < bytes.length; cut++) expect(readMessage(bytes.subarray(0, cut)).ok).toBe(false);
  }
});

test("garbage and mutations are read or refused, and nothing else", () => {
  const entropy = seededEntropy(7);
  const slave = new PtpSlave({ identity: identity(2), domain: 0, epoch: 0, entropy });
  const master = masterOf(() => 0).master;
  for (let i = 0; i < 20_000; i++) {
    const bytes = writeMessage(each[i % each.length]!);
    const [at, bit, cut] = entropy(3);
    bytes[at! % bytes.length]! ^= 1 << (bit! & 7);
    const mutated = cut! < 64 ? bytes.subarray(0, cut) : i % 5 === 0 ? entropy(cut!) : bytes;
    slave.receive(mutated, i, () => {});
    master.receive(mutated, time, i);
    slave.poll(i);
  }
});

/** The master's clock is ahead of true time by `wrong` seconds. */
function masterOf(wrong: (t: number) => number, domain = 0, said: Partial<Announcement> = {}) {
  const timeAt = (t: number): PtpTime => {
    const at = t + wrong(t);
    const whole = Math.floor(at);
    return { seconds: 1_800_000_000 + whole, nanoseconds: Math.floor((at - whole) * 1e9) };
  };
  const bits = flags.ptpTimescale | flags.utcOffsetValid;
  const how = { identity: identity(1), domain, announceInterval: 1, syncInterval: 0 };
  const announce = () => ({ announcement: { ...announcement, ...said }, flags: bits });
  return { master: new PtpMaster({ ...how, announce }), timeAt };
}

interface World {
  readonly rate: number;
  readonly there: number;
  readonly back: number;
  readonly wrong?: (t: number) => number;
  readonly domain?: number;
  readonly seconds?: number;
}

/** Master and slave joined in virtual time; the slave's oscillator runs fast by `rate`. */
function play({ rate, there, back, wrong = () => 0, domain = 0, seconds = 60 }: World): PtpSample[] {
  const { master, timeAt } = masterOf(wrong, domain);
  const slave = new PtpSlave({
    identity: identity(2),
    domain: 0,
    epoch: 1_800_000_000,
    entropy: seededEntropy(3),
  });
  const osc = (t: number): number => 500 + t * (1 + rate);
  const samples: PtpSample[] = [];
  const toSlave = (out: PtpOut, t: number): void => {
    slave.receive(out.bytes, osc(t + there), (sample) => samples.push(sample));
    if (out.awaits === undefined) return;
    const next = master.sent(out.awaits, timeAt(t));
    if (next) toSlave(next, t + 1e-4);
  };
  for (let t = 0; t < seconds; t += 0.05) {
    for (let out = master.poll(t); out; out = master.poll(t)) toSlave(out, t);
    const request = slave.poll(osc(t + 0.01));
    if (!request) continue;
    slave.sent(request.sequence, osc(t + 0.01));
    const answer = master.receive(request.bytes, timeAt(t + 0.01 + back), t + 0.01 + back);
    if (typeof answer !== "string") toSlave(answer, t + 0.01 + back);
  }
  return samples;
}

test("a slave learns its master's time and the delay, whatever its oscillator's rate", () => {
  for (const rate of [0, 1e-4, -3e-4]) {
    const samples = play({ rate, there: 50e-6, back: 50e-6 });
    expect(samples.length).toBeGreaterThan(20);
    for (const { at, offset, delay } of samples) {
      const true_ = (at - 500) / (1 + rate);
      expect(Math.abs(at + offset - true_)).toBeLessThan(100e-9);
      expect(Math.abs(delay - 100e-6)).toBeLessThan(100e-9);
    }
  }
});

test("an unequal way is half of the difference, and within half the delay", () => {
  for (const { at, offset, delay } of play({ rate: 0, there: 200e-6, back: 100e-6 })) {
    expect(Math.abs(at + offset - (at - 500) + 50e-6)).toBeLessThan(100e-9);
    expect(Math.abs(delay - 300e-6)).toBeLessThan(100e-9);
  }
});

test("another domain is not heard", () => {
  expect(play({ rate: 0, there: 1e-5, back: 1e-5, domain: 4 })).toEqual([]);
});

test("a Delay_Resp for somebody else, or out of order, changes nothing (row 95)", () => {
  const slave = new PtpSlave({ identity: identity(2), domain: 0, epoch: 0, entropy: seededEntropy(3) });
  const say = (message: PtpMessage): string => slave.receive(writeMessage(message), 1, () => {});
  const plain = { ...header, correction: 0n };
  const say2 = (name: "sync" | "followUp", sequence: number): string =>
    say({ name, header: { ...plain, sequence, flags: flags.twoStep }, time });
  expect(say2("sync", 1)).toBe("not-ours"); // no master yet
  say({ name: "announce", header: plain, time, announcement });
  say({ name: "announce", header: plain, time, announcement });
  expect(say2("sync", 1)).toBe("taken");
  expect(say2("followUp", 2)).toBe("out-of-order");
  expect(say({ name: "delayResponse", header: plain, time, requester: identity(9) })).toBe("not-ours");
  expect(say({ name: "delayResponse", header: plain, time, requester: identity(2) })).toBe("out-of-order");
  expect(say({ name: "sync", header: { ...plain, source: identity(2) }, time })).toBe("own");
  expect(say({ name: "sync", header: { ...plain, source: identity(8) }, time })).toBe("not-ours");
});

test("the better master is followed; a master is silent while a better one speaks", () => {
  const { master } = masterOf(() => 0);
  const better = { ...announcement, priority1: 10, grandmaster: identity(5).subarray(0, 8) };
  const bytes = writeMessage({
    name: "announce",
    header: { ...header, source: identity(5), interval: 0 },
    time,
    announcement: better,
  });
  expect(master.poll(0)).toBeDefined();
  for (const now of [1, 1.5]) master.receive(bytes, time, now);
  expect(master.isPassive(2)).toBe(true);
  for (let now = 2; now < 4; now += 0.1) expect(master.poll(now)).toBeUndefined();
  expect(master.isPassive(10)).toBe(false);
  expect(master.poll(10)).toBeDefined();

  const slave = new PtpSlave({ identity: identity(2), domain: 0, epoch: 0, entropy: seededEntropy(3) });
  const worse = writeMessage({ name: "announce", header: { ...header, interval: 0 }, time, announcement });
  for (const at of [1, 1.2]) slave.receive(worse, at, () => {});
  expect(slave.master?.source).toEqual(identity(1));
  for (const at of [1.3, 1.4]) slave.receive(bytes, at, () => {});
  expect(slave.master?.source).toEqual(identity(5));
  slave.poll(3.9);
  expect(slave.master?.source).toEqual(identity(5));
  slave.poll(60);
  expect(slave.master).toBeUndefined();
});

test("a flood of masters is bounded, and so are the requests that are answered in a second", () => {
  const slave = new PtpSlave({ identity: identity(2), domain: 0, epoch: 0, entropy: seededEntropy(3) });
  for (let i = 0; i < 1000; i++) {
    const source = Uint8Array.of(9, 9, 9, 9, 9, 9, i >> 8, i & 255, 0, 1);
    const bytes = writeMessage({ name: "announce", header: { ...header, source }, time, announcement });
    slave.receive(bytes, 1, () => {});
  }
  const { master } = masterOf(() => 0);
  const request = writeMessage({ name: "delayRequest", header: { ...header, source: identity(3) }, time });
  let answered = 0;
  for (let i = 0; i < 10_000; i++) if (typeof master.receive(request, time, 5) !== "string") answered++;
  expect(answered).toBe(4096);
});
