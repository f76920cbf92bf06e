import { describe, expect, test } from "bun:test";
import { HeadReader, HttpRefusal, type RequestHead } from "./http-head.ts";

const read = (text: string): RequestHead | HttpRefusal => new HeadReader().read(text);

function head(text: string): RequestHead {
  const got = read(text);
  if (got instanceof HttpRefusal) throw new Error(`refused: ${got.why}`);
  return got;
}

const status = (text: string): number => {
  const got = read(text);
  return got instanceof HttpRefusal ? got.status : 200;
};

test("keeps the target and the values as they were sent", () => {
  const got = head(
    "GET /b/a/../%2e%2e//\xc3\xa9?q=%2F&r HTTP/1.1\r\nHost: h:9000\r\nX-A: \t a  b\xa0 \r\nx-Empty:\r\n",
  );
  expect(got.method).toBe("GET");
  expect(got.target).toBe("/b/a/../%2e%2e//\xc3\xa9?q=%2F&r");
  expect([...got.headers]).toEqual([
    ["host", "h:9000"],
    ["x-a", "a  b\xa0"],
    ["x-empty", ""],
  ]);
});

test("joins repeats, but not of fields that count once", () => {
  expect(head("GET / HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-b: 2\r\n").headers.get("x-b")).toBe("1,2");
  const twice = ["Host: h", "Content-Length: 5", "Transfer-Encoding: chunked", "Authorization: a"];
  for (const field of twice) {
    expect([field, status(`PUT / HTTP/1.1\r\nHost: h\r\n${field}\r\n${field}\r\n`)]).toEqual([field, 400]);
  }
});

const lengths: Record<string, number | undefined> = {
  "": 0,
  "Content-Length: 0": 0,
  "Content-Length: 5": 5,
  "Content-Length: 005": 5,
  "Transfer-Encoding: Chunked": undefined,
};
for (const [field, length] of Object.entries(lengths)) {
  test(`length of ${field || "nothing"}`, () => {
    expect(head(`PUT / HTTP/1.1\r\nHost: h\r\n${field && `${field}\r\n`}`).length).toBe(length);
  });
}

test("what becomes of the connection", () => {
  const keeps = (version: string, field: string): boolean =>
    head(`GET / HTTP/${version}\r\nHost: h\r\n${field && `Connection: ${field}\r\n`}`).keepsAlive;
  expect(keeps("1.1", "")).toBe(true);
  expect(keeps("1.1", "Upgrade, Close")).toBe(false);
  expect(keeps("1.0", "")).toBe(false);
  expect(keeps("1.0", "Keep-Alive")).toBe(true);
});

test("100-continue is for 1.1", () => {
  const field = "Content-Length: 5\r\nExpect: 100-Continue\r\n";
  expect(head(`PUT / HTTP/1.1\r\nHost: h\r\n${field}`).expects).toBe(true);
  expect(head(`PUT / HTTP/1.0\r\n${field}`).expects).toBe(false);
});

describe("refuses", () => {
  const field = (line: string): string => `GET / HTTP/1.1\r\nHost: h\r\n${line}\r\n`;
  const heads: Record<string, [number, string]> = {
    "no Host": [400, "GET / HTTP/1.1\r\n"],
    "a Host that is none": [400, "GET / HTTP/1.1\r\nHost: a b\r\n"],
    "no target": [400, "GET HTTP/1.1\r\nHost: h\r\n"],
    "an empty target": [400, "GET  HTTP/1.1\r\nHost: h\r\n"],
    "a target with a space": [400, "GET /a b HTTP/1.1\r\nHost: h\r\n"],
    "a method that is none": [400, "G(T / HTTP/1.1\r\nHost: h\r\n"],
    "a space first": [400, " GET / HTTP/1.1\r\nHost: h\r\n"],
    "another version": [505, "GET / HTTP/2.0\r\nHost: h\r\n"],
    "another protocol": [400, "GET / HTCPCP/1.1\r\nHost: h\r\n"],
    "a folded line": [400, field("X-A: b\r\n c")],
    "a space before the colon": [400, field("X-A : b")],
    "no colon": [400, field("X-A")],
    "no name": [400, field(": b")],
    "a bare LF": [400, field("X-A: b\nX-B: c")],
    "a bare CR": [400, field("X-A: b\rX-B: c")],
    NUL: [400, field("X-A: b\0c")],
    "LF first": [400, "\nGET / HTTP/1.1\r\nHost: h\r\n"],
    "a length and chunks": [400, field("Content-Length: 5\r\nTransfer-Encoding: chunked")],
    "chunks of 1.0": [400, "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"],
    "another coding": [501, field("Transfer-Encoding: gzip, chunked")],
    "an identity coding": [501, field("Transfer-Encoding: identity")],
    "a list of lengths": [400, field("Content-Length: 5, 5")],
    "a negative length": [400, field("Content-Length: -5")],
    "a signed length": [400, field("Content-Length: +5")],
    "a hexadecimal length": [400, field("Content-Length: 0x5")],
    "an empty length": [400, field("Content-Length:")],
    "a length beyond reason": [400, field("Content-Length: 9999999999999999999")],
    "another expectation": [417, field("Expect: 200-ok")],
    "a long request line": [414, `GET /${"a".repeat(17_000)} HTTP/1.1\r\nHost: h\r\n`],
    "a long field": [431, field(`X-A: ${"a".repeat(17_000)}`)],
    "many fields": [431, field(Array.from({ length: 200 }, (_, i) => `X-${i}: a`).join("\r\n"))],
  };
  for (const [what, [expected, text]] of Object.entries(heads)) {
    test(what, () => expect(status(text)).toBe(expected));
  }
});
