import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, lossyText, utf8 } from "../base/bytes.ts";
import { lineLimits, LineReader, type Line } from "./line.ts";

function linesOf(...chunks: Uint8Array[]): Line[] {
  const reader = new LineReader();
  const found: Line[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let line = reader.next(); line; line = reader.next()) found.push(line);
  }
  return found;
}
const texts = (lines: Line[]): string[] =>
  lines.map((line) => (line.is === "line" ? lossyText(line.bytes) : line.is));

test("CRLF and LF end a line, and an unfinished one waits", () => {
  expect(texts(linesOf(utf8("USER a\r\nPASS b\nQU"), utf8("IT\r\nrest")))).toEqual([
    "USER a",
    "PASS b",
    "QUIT",
  ]);
});

test("NUL and a CR inside make a line unclean", () => {
  expect(texts(linesOf(utf8("a\0b\r\nc\rd\r\ne\r\r\nfine\r\n")))).toEqual([
    "unclean",
    "unclean",
    "unclean",
    "fine",
  ]);
});

test("Telnet's interrupt and synch before ABOR disappear, whole or with the urgent byte lost", () => {
  const abor = utf8("ABOR\r\n");
  const prefixes = [[0xff, 0xf4, 0xff, 0xf2], [0xff, 0xf4, 0xff], [0xf2], [0xff, 0xfb, 1, 0xff, 0xfd, 3]];
  for (const prefix of prefixes) {
    expect(texts(linesOf(concat([Uint8Array.from(prefix), abor])))).toEqual(["ABOR"]);
  }
});

test("a doubled IAC in an argument is one byte, and four-byte UTF-8 is left alone", () => {
  const [line] = linesOf(Uint8Array.from([0x41, 0x20, 0xff, 0xff, 0x42, 0x0a]));
  expect(line).toEqual({ is: "line", bytes: Uint8Array.from([0x41, 0x20, 0xff, 0x42]) });
  expect(texts(linesOf(utf8("MKD 😀\r\n")))).toEqual(["MKD 😀"]);
});

test("a line of 4096 bytes is read, a longer one told once and never run", () => {
  const fits = "x".repeat(lineLimits.lineBytes);
  expect(texts(linesOf(utf8(`${fits}\nNOOP\n`)))).toEqual([fits, "NOOP"]);
  const tail = utf8("y\r\nNOOP\r\n");
  expect(texts(linesOf(utf8(`${fits}x`), tail))).toEqual(["too-long", "NOOP"]);
  expect(texts(linesOf(utf8(`${fits}xxxx\r\nNOOP\r\n`)))).toEqual(["too-long", "NOOP"]);
  expect(texts(linesOf(utf8(fits), utf8("\r"), utf8("\nNOOP\n")))).toEqual(["too-long", "NOOP"]);
});

test("a stream without any ending is endless at 64 KiB, and then nothing follows", () => {
  const chunk = utf8("z".repeat(8000));
  const found = texts(linesOf(...Array<Uint8Array>(20).fill(chunk), utf8("\r\nNOOP\r\n")));
  expect(found).toEqual(["too-long", "endless"]);
});

test("however the bytes are cut, the lines are the same", () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9 /é-]{0,40}$/);
  fc.assert(
    fc.property(fc.array(plain), fc.array(fc.nat(50)), (lines, cuts) => {
      const all = utf8(lines.map((line, i) => line + (i % 2 ? "\n" : "\r\n")).join(""));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of cuts) chunks.push(all.subarray(at, (at += size)));
      chunks.push(all.subarray(at));
      expect(texts(linesOf(...chunks))).toEqual(lines);
    }),
  );
});

test("garbage never throws, and what is held stays bounded", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 6000 }), { maxLength: 30 }), (chunks) => {
      const reader = new LineReader();
      for (const chunk of chunks) {
        reader.push(chunk);
        for (let line = reader.next(); line; line = reader.next()) {
          if (line.is === "line") expect(line.bytes.length).toBeLessThanOrEqual(lineLimits.lineBytes);
        }
        expect(reader.heldBytes).toBeLessThanOrEqual(lineLimits.lineBytes);
      }
    }),
  );
});
