import { expect, test } from "bun:test";
import { asUnixMs } from "../base/time.ts";
import {
  changedLock,
  checkRetention,
  defaultLock,
  unlocked,
  type Lock,
  type LockChange,
} from "./retention.ts";

const at = asUnixMs(1_000_000);
const soon = asUnixMs(2_000_000);
const later = asUnixMs(3_000_000);
const past = asUnixMs(500_000);
const governance: Lock = { mode: "governance", until: soon, legalHold: false };
const compliance: Lock = { mode: "compliance", until: soon, legalHold: false };
const held: Lock = { ...unlocked, legalHold: true };

const removal: readonly [string, Lock, boolean, boolean][] = [
  ["unlocked", unlocked, false, true],
  ["governance", governance, false, false],
  ["governance, bypassed", governance, true, true],
  ["compliance", compliance, false, false],
  ["compliance, bypassed", compliance, true, false],
  ["a legal hold", held, true, false],
  ["compliance that has ended", { ...compliance, until: at }, false, true],
];
for (const [what, lock, bypass, allowed] of removal) {
  test(`${what} ${allowed ? "lets go" : "keeps"}`, () =>
    expect(checkRetention(lock, at, bypass).ok).toBe(allowed));
}

const change = (retention: LockChange["retention"], bypass = false): LockChange => ({
  retention: retention!,
  bypass,
});
const changes: readonly [string, Lock, LockChange, boolean][] = [
  ["a first governance", unlocked, change({ mode: "governance", until: soon }), true],
  ["a date that is past", unlocked, change({ mode: "governance", until: past }), false],
  ["governance longer", governance, change({ mode: "governance", until: later }), true],
  ["governance shorter", { ...governance, until: later }, change({ mode: "governance", until: soon }), false],
  [
    "governance shorter, bypassed",
    { ...governance, until: later },
    change({ mode: "governance", until: soon }, true),
    true,
  ],
  ["governance ended", governance, change(null), false],
  ["governance ended, bypassed", governance, change(null, true), true],
  ["governance to compliance", governance, change({ mode: "compliance", until: soon }), true],
  ["compliance longer", compliance, change({ mode: "compliance", until: later }), true],
  [
    "compliance shorter, bypassed",
    { ...compliance, until: later },
    change({ mode: "compliance", until: soon }, true),
    false,
  ],
  ["compliance to governance", compliance, change({ mode: "governance", until: later }, true), false],
  ["compliance ended", compliance, change(null, true), false],
  [
    "ended compliance replaced",
    { ...compliance, until: past },
    change({ mode: "governance", until: soon }),
    true,
  ],
];
for (const [what, lock, how, allowed] of changes) {
  test(`${what} is ${allowed ? "taken" : "refused"}`, () =>
    expect(changedLock(lock, how, at).ok).toBe(allowed));
}

test("a legal hold is set and lifted beside the retention", () => {
  const set = changedLock(compliance, { legalHold: true, bypass: false }, at);
  expect(set).toEqual({ ok: true, value: { ...compliance, legalHold: true } });
});

test("a bucket's default runs from the version's own moment", () => {
  expect(defaultLock(undefined, at)).toEqual(unlocked);
  expect(defaultLock("{}", at)).toEqual(unlocked);
  const days = JSON.stringify({ mode: "compliance", days: 2 });
  expect(defaultLock(days, at)).toEqual({
    mode: "compliance",
    until: asUnixMs(at + 2 * 86_400_000),
    legalHold: false,
  });
  const years = JSON.stringify({ mode: "governance", years: 1 });
  expect(defaultLock(years, at).until).toBe(asUnixMs(at + 365 * 86_400_000));
});
