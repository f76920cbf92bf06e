import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { parseIp } from "../../base/ip.ts";
import { Writer } from "../../wire/writer.ts";
import type { Question } from "../../proto/ntp/client.ts";
import { referenceIdOf, writeHeader, type Header } from "../../proto/ntp/header.ts";
import { shifted, type Timestamp } from "../../proto/ntp/timestamp.ts";
import { select, type Candidate } from "./selection.ts";
import { NtpSource, type Outcome } from "./source.ts";

const epoch: Timestamp = { seconds: 4_000_000_000, fraction: 0 };
const ip = parseIp("192.0.2.1")!;
const make = (): NtpSource => {
  const how = { name: "a", minPoll: 6, maxPoll: 10, prefer: false };
  return new NtpSource(how, epoch, seededEntropy(3), 0);
};

const flightOf = (at: number) => ({ sentAt: at, receivedAt: at + 0.002, noise: 1e-6 });

function packet(question: Question, at: number, change: Partial<Header> = {}): Uint8Array {
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
    referenceId: 0x01020304,
    reference: epoch,
    origin: question.transmit,
    receive: shifted(epoch, at + 0.001),
    transmit: shifted(epoch, at + 0.001_001),
    ...change,
  });
  return w.take();
}

function exchange(source: NtpSource, at: number, change: Partial<Header> = {}): Outcome {
  const question = source.ask(at)!;
  return source.answer(packet(question, at, change), ip, flightOf(at), new Set([0x0a000001]));
}

test("four good answers two seconds apart end the burst; then the interval is the poll's", () => {
  const source = make();
  const due: number[] = [];
  for (let i = 0; i < 6; i++) {
    due.push(source.dueAt);
    expect(exchange(source, source.dueAt)).toBe("sample");
  }
  const gaps = due.slice(1).map((at, i) => at - due[i]!);
  for (const gap of gaps.slice(0, 3)) expect(gap).toBeCloseTo(2, 1);
  expect(gaps[4]).toBeGreaterThan(55);
});

test("a second reply to the same request is dropped (row 56)", () => {
  const source = make();
  const question = source.ask(0)!;
  const bytes = packet(question, 0);
  expect(source.answer(bytes, ip, flightOf(0), new Set())).toBe("sample");
  expect(source.answer(bytes, ip, flightOf(0), new Set())).toBe("not-ours");
});

test("a flood of DENY does not end the association (row 60)", () => {
  const source = make();
  for (let i = 0; i < 4; i++) exchange(source, i * 2);
  const deny = { leap: 3, stratum: 0, referenceId: referenceIdOf("DENY") } as const;
  for (let i = 0; i < 50; i++) expect(exchange(source, 10 + i, deny)).toBe("kiss-deny");
  expect(exchange(source, 70)).toBe("sample");
  expect(source.candidate(70).unusable).toBeUndefined();
});

test("RATE stretches the interval, to 1024 s at most (row 61)", () => {
  const source = make();
  const rate = { leap: 3, stratum: 0, referenceId: referenceIdOf("RATE") } as const;
  for (let i = 0; i < 50; i++) expect(exchange(source, i, rate)).toBe("kiss-rate");
  expect(source.poll).toBe(10);
});

test("a server that follows us is a loop (row 64); one that knows no time is unusable (row 58)", () => {
  const source = make();
  expect(exchange(source, 0, { referenceId: 0x0a000001 })).toBe("loop");
  expect(source.candidate(1).unusable).toBe("loop");
  expect(exchange(source, 2, { leap: 3 })).toBe("unsynchronised");
  expect(source.candidate(3).unusable).toBe("unsynchronised");
});

test("eight questions without an answer make it unreachable; its bound grows meanwhile", () => {
  const source = make();
  for (let i = 0; i < 6; i++) exchange(source, i * 64);
  const near = source.candidate(400).distance;
  for (let i = 0; i < 8; i++) source.ask(400 + i * 64);
  expect(source.candidate(1000)).toMatchObject({ unusable: "unreachable" });
  expect(source.candidate(1000).distance).toBeGreaterThan(near);
});

const candidate = (name: string, offset: number, more: Partial<Candidate> = {}): Candidate => ({
  name,
  unusable: undefined,
  offset,
  error: 1e-5,
  rate: 0,
  rateError: 1e-8,
  distance: 0.01,
  stratum: 2,
  prefer: false,
  ...more,
});
const rules = { maxDistance: 3, minSources: 1 };
const statesOf = (candidates: Candidate[], more = {}): Record<string, string> =>
  Object.fromEntries(select(candidates, { ...rules, ...more }).states);

test("the majority is believed, the best of it selected, the liar named", () => {
  const candidates = [candidate("a", 0), candidate("b", 0.001, { distance: 0.005 }), candidate("c", 0.3)];
  expect(statesOf(candidates)).toEqual({ a: "combined", b: "selected", c: "falseticker" });
});

test("two that contradict each other, or fewer than must agree, decide nothing (row 66)", () => {
  expect(statesOf([candidate("a", 0), candidate("b", 1)])).toEqual({ a: "outvoted", b: "outvoted" });
  expect(statesOf([candidate("a", 0)], { minSources: 2 })).toEqual({ a: "outvoted" });
  expect(statesOf([])).toEqual({});
});

test("what is too far, unreachable or much worse than the best has no part", () => {
  const candidates = [
    candidate("a", 0),
    candidate("far", 0, { distance: 4 }),
    candidate("gone", 0, { unusable: "unreachable" }),
    candidate("worse", 0.02, { distance: 0.1 }),
  ];
  expect(statesOf(candidates)).toEqual({
    a: "selected",
    far: "distance",
    gone: "unreachable",
    worse: "outlier",
  });
});

test("a preferred source is selected while it agrees", () => {
  const preferred = candidate("p", 0, { prefer: true, distance: 0.02 });
  expect(statesOf([candidate("a", 0), preferred])).toEqual({ a: "combined", p: "selected" });
  const lying = candidate("p", 9, { prefer: true });
  expect(statesOf([candidate("a", 0), candidate("b", 0), lying])).toMatchObject({ p: "falseticker" });
});

test("the combined offset leans to who knows it better", () => {
  const sure = candidate("a", 0, { error: 1e-6 });
  const unsure = candidate("b", 0.001, { error: 1e-3 });
  const { combined } = select([sure, unsure], rules);
  expect(combined!.offset).toBeLessThan(1e-8);
});

test("who needs a witness has no vote, and is used only where others agree with it", () => {
  const ptp = (offset: number) => candidate("ptp", offset, { needsWitness: true, distance: 1e-5 });
  expect(statesOf([ptp(0)])).toEqual({ ptp: "unwitnessed" });
  expect(statesOf([ptp(0), candidate("a", 0)])).toEqual({ ptp: "selected", a: "outlier" });
  expect(statesOf([ptp(9), candidate("a", 0)])).toEqual({ ptp: "falseticker", a: "selected" });
});
