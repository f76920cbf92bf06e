import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { contains, ipText, parseIp, parsePrefix, prefixText } from "./ip.ts";

test("an address reads and writes as its RFC says", () => {
  for (const text of [
    "0.0.0.0",
    "192.0.2.255",
    "::",
    "::1",
    "2001:db8::1",
    "fe80::1:0:0:2",
    "1:2:3:4:5:6:7:8",
  ]) {
    expect(ipText(parseIp(text)!)).toBe(text);
  }
  expect(ipText(parseIp("2001:DB8:0:0:0:0:0:1")!)).toBe("2001:db8::1");
  expect(ipText(parseIp("::ffff:10.1.2.3")!)).toBe("10.1.2.3");
  expect(ipText(parseIp("64:ff9b::1.2.3.4")!)).toBe("64:ff9b::102:304");
});

test("what is no address is none", () => {
  const wrong = [
    "",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "g::",
    "1.2.3.4::",
  ];
  for (const text of [...wrong, "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "fe80::1%eth0"]) {
    expect([text, parseIp(text)]).toEqual([text, undefined]);
  }
});

test("every address survives its text", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((b) => b.some((x, i) => x !== 0 && i < 10)),
  );
  fc.assert(fc.property(bytes, (ip) => expect(parseIp(ipText(ip))).toEqual(ip)));
});

test("garbage is refused without a throw", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("0", "1", "255", "f", ".", ":", "::", "/", "%") }),
      (s) => void parsePrefix(s),
    ),
  );
});

test("a prefix holds what begins like it, of its own family", () => {
  const held = (prefix: string, ip: string): boolean => contains(parsePrefix(prefix)!, parseIp(ip)!);
  expect(held("10.0.0.0/8", "10.255.0.1")).toBe(true);
  expect(held("10.0.0.0/8", "11.0.0.1")).toBe(false);
  expect(held("192.0.2.128/25", "192.0.2.127")).toBe(false);
  expect(held("192.0.2.128/25", "192.0.2.200")).toBe(true);
  expect(held("0.0.0.0/0", "203.0.113.9")).toBe(true);
  expect(held("0.0.0.0/0", "::1")).toBe(false);
  expect(held("2001:db8::/33", "2001:db8:7fff::1")).toBe(true);
  expect(held("2001:db8::/33", "2001:db8:8000::1")).toBe(false);
  expect(held("192.0.2.7", "192.0.2.7")).toBe(true);
  expect(prefixText(parsePrefix("10.1.2.3/12")!)).toBe("10.0.0.0/12");
  for (const wrong of ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/9", "/8", "10.0.0.0/-1"]) {
    expect(parsePrefix(wrong)).toBeUndefined();
  }
});
