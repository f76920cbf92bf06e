import { expect, test } from "bun:test";
import { daytimeAnswer } from "./daytime.ts";
import { timeAnswer } from "./time.ts";

test("TIME counts from 1900, not from 1970 (RFC 868's own examples)", () => {
  expect([...timeAnswer(0)]).toEqual([0x83, 0xaa, 0x7e, 0x80]); // 2208988800
  expect([...timeAnswer(2_629_584_000 - 2_208_988_800)]).toEqual([0x9c, 0xbc, 0x44, 0x80]); // 1 May 1983 GMT
});

test("TIME wraps at the end of the era, 2036-02-07T06:28:16Z", () => {
  const end = Date.UTC(2036, 1, 7, 6, 28, 16) / 1000;
  expect([...timeAnswer(end - 1)]).toEqual([255, 255, 255, 255]);
  expect([...timeAnswer(end)]).toEqual([0, 0, 0, 0]);
});

test("Daytime is one line, in UTC", () => {
  const line = new TextDecoder().decode(daytimeAnswer(Date.UTC(2026, 10, 20, 23, 24, 8) / 1000 + 0.9));
  expect(line).toBe("2026-11-20 23:24:08 UTC\r\n");
});
