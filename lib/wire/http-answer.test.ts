import { expect, test } from "bun:test";
import { chunkHead, writeAnswerHead } from "./http-answer.ts";

test("writes the status line and the fields as they are", () => {
  expect(writeAnswerHead({ status: 206, headers: { etag: '"a"', "x-amz-meta-a": "é" } })).toBe(
    'HTTP/1.1 206 Partial Content\r\netag: "a"\r\nx-amz-meta-a: é\r\n',
  );
  expect(writeAnswerHead({ status: 299, headers: {} })).toBe("HTTP/1.1 299 Status\r\n");
});

test("no value begins a line of its own, nor a name", () => {
  const evil = "a\r\nSet-Cookie: b\0\u2028";
  expect(writeAnswerHead({ status: 200, headers: { "x-a": evil } })).toBe(
    "HTTP/1.1 200 OK\r\nx-a: a  Set-Cookie: b  \r\n",
  );
  expect(writeAnswerHead({ status: 200, headers: { "x\r\nb": "c" } })).toBe("HTTP/1.1 200 OK\r\nx--b: c\r\n");
});

test("chunk sizes are hexadecimal", () => expect(chunkHead(4096)).toBe("1000\r\n"));
