import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, utf8 } from "../base/bytes.ts";
import { readProxyHeader } from "./proxy-header.ts";

const v2 = (command: number, family: number, body: readonly number[], length = body.length): Uint8Array =>
  Uint8Array.of(
    13,
    10,
    13,
    10,
    0,
    13,
    10,
    81,
    85,
    73,
    84,
    10,
    command,
    family,
    length >> 8,
    length & 255,
    ...body,
  );
const four = [192, 0, 2, 1, 198, 51, 100, 9, 0xdc, 4, 0, 21];
const ends = { from: "192.0.2.1", fromPort: 56_324, to: "198.51.100.9", toPort: 21 };

test("version 1 and version 2 say the same, byte by byte too", () => {
  const line = utf8("PROXY TCP4 192.0.2.1 198.51.100.9 56324 21\r\n");
  for (const header of [line, v2(0x21, 0x11, four), v2(0x21, 0x11, [...four, 4, 0, 1, 9])]) {
    expect(readProxyHeader(concat([header, utf8("USER x\r\n")]))).toEqual({
      is: "whole",
      length: header.length,
      ends,
    });
    for (let cut = 0; cut < header.length; cut++)
      expect(readProxyHeader(header.subarray(0, cut))).toEqual({ is: "more" });
  }
  const six = readProxyHeader(utf8("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n"));
  expect(six).toMatchObject({ ends: { from: "2001:db8::1", to: "2001:db8::2", toPort: 65_535 } });
  const mapped = [...Array<number>(10).fill(0), 255, 255, 192, 0, 2, 1];
  const block = v2(0x21, 0x21, [...mapped, ...mapped, 0, 1, 0, 2]);
  expect(readProxyHeader(block)).toMatchObject({ ends: { from: "192.0.2.1" } });
});

test("the balancer's own calls carry nobody's address", () => {
  for (const header of [
    utf8("PROXY UNKNOWN\r\n"),
    utf8("PROXY UNKNOWN a b c\r\n"),
    v2(0x20, 0, []),
    v2(0x21, 0, []),
  ])
    expect(readProxyHeader(header)).toEqual({ is: "whole", length: header.length, ends: undefined });
});

test("whatever else comes is no header", () => {
  const bad = [
    "USER ann\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.9 56324\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.9 56324 70000\r\n",
    "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
    "PROXY TCP4 192.0.2.256 198.51.100.9 1 2\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.9 1 2\n",
    `PROXY UNKNOWN ${"x".repeat(120)}\r\n`,
    "\r\nhello, this is no signature",
  ];
  for (const text of bad) expect([text, readProxyHeader(utf8(text)).is]).toEqual([text, "malformed"]);
  expect(readProxyHeader(v2(0x31, 0x11, four)).is).toBe("malformed");
  expect(readProxyHeader(v2(0x22, 0x11, four)).is).toBe("malformed");
  expect(readProxyHeader(v2(0x21, 0x12, four)).is).toBe("malformed");
  expect(readProxyHeader(v2(0x21, 0x11, four.slice(0, 11))).is).toBe("malformed");
  expect(readProxyHeader(v2(0x21, 0x11, four, 60_000)).is).toBe("malformed");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readProxyHeader(bytes)));
});
