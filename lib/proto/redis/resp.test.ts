import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { lossyText, utf8 } from "../../base/bytes.ts";
import { passes, readReply, writeCommand } from "./resp.ts";

test("commands are arrays of bulk strings, counted in bytes", () => {
  expect(lossyText(writeCommand(["RPUSH", "é"]))).toBe("*2\r\n$5\r\nRPUSH\r\n$2\r\né\r\n");
});

test("replies are taken when they are whole", () => {
  expect(readReply(utf8("+OK\r\nrest"))).toEqual({ value: { ok: true, text: "OK" }, size: 5 });
  expect(readReply(utf8(":12\r\n"))?.value).toEqual({ ok: true, text: "12" });
  expect(readReply(utf8("-WRONGTYPE no\r\n"))?.value).toEqual({ ok: false, text: "WRONGTYPE no" });
  expect(readReply(utf8("$5\r\nhel"))).toBeUndefined();
  expect(readReply(utf8("$5\r\nhello\r\n"))).toEqual({ value: { ok: true, text: "hello" }, size: 11 });
  expect(readReply(utf8("$-1\r\n"))?.value.ok).toBe(true);
  expect(readReply(utf8("HTTP/1.1 400\r\n"))?.value.ok).toBe(false);
  expect(readReply(utf8("$99999999\r\n"))?.value.ok).toBe(false);
  expect([passes("LOADING x"), passes("READONLY y"), passes("WRONGTYPE z")]).toEqual([true, true, false]);
});

test("noise is refused or waited for, and never read past its end", () => {
  for (let seed = 1; seed < 300; seed++) {
    const bytes = seededEntropy(seed)(1 + (seed % 90));
    bytes[0] = [0x2b, 0x24, 0x3a, 0x2d, bytes[0]!][seed % 5]!;
    const read = readReply(bytes);
    if (read) expect(read.size).toBeLessThanOrEqual(bytes.length);
  }
});
