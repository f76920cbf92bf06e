import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { hex, utf8 } from "../../base/bytes.ts";
import { sha1 } from "../../crypto/hash.ts";
import { nextLeap, parseLeapList, taiOffset } from "../../proto/ntp/leap-list.ts";
import { announcement, isLeapSeason, smear } from "./leap.ts";

const published = "/usr/share/zoneinfo/leap-seconds.list";
const epoch = 2_208_988_800;
const unix = (text: string): number => Date.parse(text) / 1000;

/** A list with these rows, rightly hashed; `expires` as a date. */
function listOf(rows: readonly (readonly [string, number])[], expires = "2027-06-28T00:00:00Z"): string {
  const updated = String(unix("2026-01-01T00:00:00Z") + epoch);
  const ends = String(unix(expires) + epoch);
  const numbers = rows.flatMap(([date, offset]) => [String(unix(date) + epoch), String(offset)]);
  const hash = hex(sha1(utf8([updated, ends, ...numbers].join(""))));
  const words = hash.match(/.{8}/g)!.map((word) => word.replace(/^0+/, ""));
  const lines = rows.map(([date, offset]) => `${unix(date) + epoch}\t${offset}\t# ${date}`);
  return ["# comment", `#$\t${updated}`, `#@\t${ends}`, ...lines, `#h\t${words.join(" ")}`, ""].join("\n");
}

const past = [
  ["2015-07-01T00:00:00Z", 36],
  ["2017-01-01T00:00:00Z", 37],
] as const;
const coming = [...past, ["2027-01-01T00:00:00Z", 38]] as const;

test("a list is read, with LF or CRLF, and knows what is to come", () => {
  for (const text of [listOf(coming), listOf(coming).replaceAll("\n", "\r\n")]) {
    const list = parseLeapList(text);
    if (!list.ok) throw new Error(list.fault.what);
    expect(nextLeap(list.value, unix("2026-11-21T00:00:00Z"))).toEqual({
      at: unix("2027-01-01T00:00:00Z"),
      by: 1,
    });
    expect(taiOffset(list.value, unix("2026-11-21T00:00:00Z"))).toBe(37);
    expect(taiOffset(list.value, 0)).toBeUndefined();
    expect(nextLeap(list.value, unix("2027-02-01T00:00:00Z"))).toBeUndefined();
    expect(nextLeap(list.value, unix("2028-02-01T00:00:00Z"))).toBeUndefined();
  }
});

test("a list with a wrong hash, with rows that fall or leap twice, or none, is refused (row 87)", () => {
  const faultOf = (text: string): string => {
    const read = parseLeapList(text);
    return read.ok ? "read" : read.fault.code;
  };
  expect(faultOf(listOf(past).replace("\t37\t", "\t38\t"))).toBe("digest");
  expect(faultOf(listOf([past[1], past[0]]))).toBe("invalid");
  expect(faultOf(listOf([...past, ["2027-01-01T00:00:00Z", 39]]))).toBe("invalid");
  expect(faultOf("")).toBe("invalid");
  expect(faultOf("hello\n")).toBe("invalid");
  expect(faultOf("#".repeat(10_000_000))).toBe("invalid");
});

test("an expired list announces nothing", () => {
  const list = parseLeapList(listOf(coming, "2026-06-28T00:00:00Z"));
  expect(list.ok && nextLeap(list.value, unix("2026-12-31T12:00:00Z"))).toBeUndefined();
});

test("a leap second is announced in the 24 hours before it, of either sign", () => {
  const at = unix("2027-01-01T00:00:00Z");
  expect(announcement({ at, by: 1 }, at - 86_401)).toBe(0);
  expect(announcement({ at, by: 1 }, at - 86_400)).toBe(1);
  expect(announcement({ at, by: -1 }, at - 1)).toBe(2);
  expect(announcement({ at, by: 1 }, at)).toBe(0);
});

test("what sources announce counts on the last day of June and of December alone (row 68)", () => {
  expect(isLeapSeason(unix("2026-12-31T00:00:01Z"))).toBe(true);
  expect(isLeapSeason(unix("2026-06-30T23:00:00Z"))).toBe(true);
  expect(isLeapSeason(unix("2026-03-31T12:00:00Z"))).toBe(false);
  expect(isLeapSeason(unix("2026-12-30T23:59:00Z"))).toBe(false);
});

test("smeared time never jumps: each step is a second, give or take 12 µs, across either leap", () => {
  const at = unix("2027-01-01T00:00:00Z");
  for (const by of [1, -1] as const) {
    const leap = { at, by };
    expect([smear(leap, at - 50_000, false), smear(leap, at + 50_000, false)]).toEqual([0, 0]);
    const smeared: number[] = [];
    for (let now = at - 43_210; now < at + 43_210; now++) {
      if (by < 0 && now === at - 1) continue; // 23:59:59 does not exist
      smeared.push(now + smear(leap, now, false));
      if (by > 0 && now === at - 1) smeared.push(now + smear(leap, now, true)); // 23:59:60
    }
    for (const [i, value] of smeared.slice(1).entries()) {
      expect(Math.abs(value - smeared[i]! - 1)).toBeLessThan(12e-6);
    }
  }
});

test.if(existsSync(published))("the list that the system's own tables bring is read", () => {
  const list = parseLeapList(readFileSync(published, "utf8"));
  expect(list.ok && taiOffset(list.value, unix("2020-01-01T00:00:00Z"))).toBe(37);
});
