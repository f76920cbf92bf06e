import { expect, test } from "bun:test";
import { asUnixMs } from "../base/time.ts";
import {
  dayMs,
  dueAfter,
  expiryOf,
  lifecycleVerdict,
  uploadIsDue,
  type LifecycleRule,
  type Subject,
} from "./lifecycle.ts";

const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({
  id: "r",
  enabled: true,
  prefix: "",
  tags: {},
  over: undefined,
  under: undefined,
  expireDays: undefined,
  expireAt: undefined,
  dropMarkers: false,
  noncurrentDays: undefined,
  noncurrentKeep: undefined,
  abortDays: undefined,
  ...more,
});
const made = dayMs * 100 + 1000;
const subject = (more: Partial<Subject> = {}): Subject => ({
  key: "logs/a",
  size: 1000,
  tags: { kind: "log" },
  createdAt: made,
  latest: true,
  deleteMarker: false,
  alone: true,
  supersededAt: undefined,
  newerNoncurrent: 0,
  ...more,
});
const days = (count: number) => asUnixMs(dayMs * (100 + count));
const old = subject({ latest: false, supersededAt: made });

const cases: readonly [string, Partial<LifecycleRule>, Subject, number, string][] = [
  ["not before the midnight after", { expireDays: 1 }, subject(), 1.5, "keep"],
  ["at the midnight after", { expireDays: 1 }, subject(), 2, "expire"],
  ["a rule that is off", { expireDays: 1, enabled: false }, subject(), 9, "keep"],
  ["another prefix", { expireDays: 1, prefix: "data/" }, subject(), 9, "keep"],
  ["its prefix", { expireDays: 1, prefix: "logs/" }, subject(), 9, "expire"],
  ["its tag", { expireDays: 1, tags: { kind: "log" } }, subject(), 9, "expire"],
  ["another tag", { expireDays: 1, tags: { kind: "x" } }, subject(), 9, "keep"],
  ["a tag that every object has by nature", { expireDays: 1, tags: { toString: "x" } }, subject(), 9, "keep"],
  ["too small", { expireDays: 1, over: 1000 }, subject(), 9, "keep"],
  ["too large", { expireDays: 1, under: 1000 }, subject(), 9, "keep"],
  ["a date", { expireAt: days(3) }, subject(), 3, "expire"],
  ["before a date", { expireAt: days(3) }, subject(), 2, "keep"],
  ["a superseded version by expiry", { expireDays: 1 }, old, 9, "keep"],
  ["a superseded version by age", { noncurrentDays: 2 }, old, 3, "remove"],
  ["a superseded version that is young", { noncurrentDays: 2 }, old, 2, "keep"],
  ["one of those kept", { noncurrentDays: 1, noncurrentKeep: 1 }, old, 9, "keep"],
  [
    "behind those kept",
    { noncurrentDays: 1, noncurrentKeep: 1 },
    { ...old, newerNoncurrent: 1 },
    9,
    "remove",
  ],
  ["a lone marker", { dropMarkers: true }, subject({ deleteMarker: true, size: 0 }), 0, "remove"],
  [
    "a marker above versions",
    { dropMarkers: true },
    subject({ deleteMarker: true, alone: false }),
    0,
    "keep",
  ],
  [
    "a marker under a rule for tags",
    { dropMarkers: true, tags: { a: "b" } },
    subject({ deleteMarker: true }),
    0,
    "keep",
  ],
];
for (const [what, more, of, at, verdict] of cases) {
  test(`${what}: ${verdict}`, () =>
    expect(lifecycleVerdict([rule(more)], of, days(at))).toBe(verdict as never));
}

test("uploads are aborted by their age alone", () => {
  const rules = [rule({ abortDays: 1, prefix: "a" })];
  expect(uploadIsDue(rules, "a/b", made, days(1))).toBe(false);
  expect(uploadIsDue(rules, "a/b", made, days(2))).toBe(true);
  expect(uploadIsDue(rules, "b", made, days(9))).toBe(false);
});

test("the earliest expiry is told", () => {
  const rules = [rule({ id: "late", expireDays: 9 }), rule({ id: "soon", expireDays: 2 })];
  expect(expiryOf(rules, subject())).toEqual({ at: dueAfter(made, 2), rule: "soon" });
  expect(expiryOf([], subject())).toBeUndefined();
});
