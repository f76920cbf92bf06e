import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, uint8Array } from "fast-check";
import { concat, utf8 } from "../../base/bytes.ts";
import { AwsChunkedDecoder } from "./aws-chunked.ts";

const trailer = "x-amz-checksum-crc32";

function decode(bytes: Uint8Array, size: number, step = 1 << 20): string | Uint8Array {
  const decoder = new AwsChunkedDecoder({ size, trailer, signer: undefined });
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    const refusal = decoder.push(bytes.subarray(at, at + step), out);
    if (refusal) return refusal.code;
  }
  return decoder.finish()?.code ?? concat(out);
}

const chunk = (data: Uint8Array): Uint8Array[] => [
  utf8(`${data.length.toString(16)}\r\n`),
  data,
  utf8("\r\n"),
];
const tail = `0\r\n${trailer}:AAAAAA==\r\n\r\n`;

test("what is chunked comes out whole, however it is cut", () => {
  const step = integer({ min: 1, max: 5000 });
  assert(
    property(
      uint8Array({ minLength: 1, maxLength: 200 }),
      integer({ min: 0, max: 3 }),
      step,
      (last, before, step) => {
        const full = Array.from({ length: before }, (_, i) => new Uint8Array(8192).fill(i));
        const data = concat([...full, last]);
        const bytes = concat([...[...full, last].flatMap(chunk), utf8(tail)]);
        expect(decode(bytes, data.length, step)).toEqual(data);
      },
    ),
    { numRuns: 50 },
  );
});

describe("is refused", () => {
  const ten = "a\r\n0123456789\r\n";
  const cases: readonly [string, string, number, string][] = [
    ["a size past any number", "8000000000000000\r\n", 10, "InvalidChunkSizeError"],
    ["a size of twelve digits", "ffffffffffff\r\n", 10, "IncompleteBody"],
    ["a negative size", "-1\r\n", 10, "InvalidChunkSizeError"],
    ["an endless size line", "0".repeat(10_000), 10, "InvalidChunkSizeError"],
    ["an extension that is no signature", "a;x=y\r\n", 10, "InvalidChunkSizeError"],
    ["more than was announced", `${ten}${tail}`, 5, "IncompleteBody"],
    ["less than was announced", `${ten}${tail}`, 20, "IncompleteBody"],
    ["an end before its chunk", "a\r\n01234", 10, "IncompleteBody"],
    ["data longer than its chunk", `9\r\n0123456789\r\n${tail}`, 10, "InvalidChunkSizeError"],
    ["small chunks before the last", `1\r\na\r\n1\r\nb\r\n${tail}`, 2, "InvalidChunkSizeError"],
    ["a missing trailer", `${ten}0\r\n\r\n`, 10, "MalformedTrailerError"],
    ["another trailer", `${ten}0\r\nx-amz-checksum-sha1:AA==\r\n\r\n`, 10, "MalformedTrailerError"],
    ["a trailer twice", `${ten}0\r\n${trailer}:a\r\n${trailer}:b\r\n\r\n`, 10, "MalformedTrailerError"],
    ["an endless trailer", `${ten}0\r\n${trailer}:${"a".repeat(5000)}`, 10, "InvalidChunkSizeError"],
    ["what follows the end", `${ten}${tail}more`, 10, "IncompleteBody"],
  ];
  for (const [what, text, size, code] of cases) {
    test(what, () => {
      for (const step of [1, 7, 1 << 20]) expect(decode(utf8(text), size, step)).toBe(code);
    });
  }
});

test("line ends as some senders write them are taken", () => {
  expect(decode(utf8(`1\r\na\r\n0\r\n${trailer}:AAAAAA==\n\r\n\r\n`), 1)).toEqual(utf8("a"));
});

test("garbage is refused, never thrown", () => {
  const piece = constantFrom(
    "a",
    "0",
    "\r\n",
    ";chunk-signature=",
    "0".repeat(64),
    tail,
    "5\r\nhello\r\n",
    "ff",
    "-",
  );
  assert(
    property(array(piece, { maxLength: 20 }), (pieces) => {
      decode(utf8(pieces.join("")), 5, 3);
    }),
  );
});
