import { expect, test } from "bun:test";
import { asUnixMs } from "../base/time.ts";
import { periodName, readHours, termsOf, termsRefusal, type Terms } from "./terms.ts";

const at = (text: string) => asUnixMs(Date.parse(text));
const refusal = (hours: string, when: string): string | undefined =>
  termsRefusal({ hours: [hours] }, at(when), "192.0.2.1");

test("one's own terms, then the first group's, then everyone's", () => {
  const pub = { at: "/pub", bucket: "public", prefix: "" };
  const book = new Map<string, Terms>([
    ["everyone", { sessions: 5, downloadRate: 100, folders: [pub] }],
    ["group:staff", { downloadRate: 200, folders: [{ ...pub, at: "/staff" }] }],
    ["group:guests", { downloadRate: 300, uploadRate: 10 }],
    ["user:ann", { sessions: 9, folders: [{ ...pub, bucket: "hers" }] }],
  ]);
  const terms = termsOf(book, { name: "ann", groups: ["staff", "guests"] });
  expect(terms).toMatchObject({ sessions: 9, downloadRate: 200, uploadRate: 10 });
  expect(terms.folders).toEqual([
    { ...pub, bucket: "hers" },
    { ...pub, at: "/staff" },
  ]);
  expect(termsOf(book, { name: "bob", groups: [] })).toMatchObject({ sessions: 5, downloadRate: 100 });
  expect(termsOf(new Map(), { name: "bob", groups: [] })).toEqual({ folders: [] });
});

test("hours: days, midnight, zones", () => {
  // 2026-11-21 is a Saturday.
  expect(refusal("08:00-18:00", "2026-11-21T08:00:00Z")).toBeUndefined();
  expect(refusal("08:00-18:00", "2026-11-21T18:00:00Z")).toBe("outside their hours");
  expect(refusal("mon-fri 08:00-18:00", "2026-11-21T09:00:00Z")).toBeDefined();
  expect(refusal("fri-mon 00:00-24:00", "2026-11-21T09:00:00Z")).toBeUndefined();
  expect(refusal("fri 22:00-06:00", "2026-11-21T05:59:00Z")).toBeUndefined();
  expect(refusal("fri 22:00-06:00", "2026-11-20T05:59:00Z")).toBeDefined();
  expect(refusal("sat 22:00-06:00", "2026-11-21T05:59:00Z")).toBeDefined();
  expect(refusal("sat 09:00-10:00 Europe/Vienna", "2026-11-21T08:30:00Z")).toBeUndefined();
  for (const bad of ["", "8-18", "xxx 08:00-09:00", "25:00-26:00", "08:00-09:00 Nowhere/Land", "08:60-09:00"])
    expect(readHours(bad)).toBeUndefined();
});

test("networks", () => {
  const terms = { networks: ["192.0.2.0/24", "2001:db8::/32"] };
  expect(termsRefusal(terms, at("2026-11-21"), "192.0.2.77")).toBeUndefined();
  expect(termsRefusal(terms, at("2026-11-21"), "2001:db8::1")).toBeUndefined();
  expect(termsRefusal(terms, at("2026-11-21"), "198.51.100.1")).toBe("outside their networks");
  expect(termsRefusal(terms, at("2026-11-21"), "")).toBe("outside their networks");
});

test("periods begin at midnight, on Monday, on the first, in UTC", () => {
  expect(periodName("day", at("2026-11-21T23:59:59Z"))).toBe("2026-11-21");
  expect(periodName("month", at("2026-11-21"))).toBe("2026-11");
  const [sunday, monday] = [at("2026-11-22T23:59:59Z"), at("2026-11-23T00:00:00Z")];
  expect(periodName("week", sunday)).toBe(periodName("week", at("2026-11-16")));
  expect(periodName("week", monday)).not.toBe(periodName("week", sunday));
});
