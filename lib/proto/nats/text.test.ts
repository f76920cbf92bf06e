import { expect, test } from "bun:test";
import { lossyText, utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { isSubject, readSaid, writePublish } from "./text.ts";

test("what a server says is told apart", () => {
  expect(readSaid(utf8('INFO {"tls_required":true}\r\n'))?.value).toEqual({ kind: "info", tls: true });
  expect(readSaid(utf8("PING\r\nPONG\r\n"))).toEqual({ value: { kind: "ping" }, size: 6 });
  expect(readSaid(utf8("-ERR 'No'\r\n"))?.value).toEqual({ kind: "error", text: "'No'" });
  expect(readSaid(utf8("MSG a 1 5\r\nhel"))).toBeUndefined();
  const message = { kind: "message", body: "hello", status: "" } as const;
  expect(readSaid(utf8("MSG a 1 5\r\nhello\r\n"))).toEqual({ value: message, size: 18 });
  const headed = "HMSG a 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n";
  expect(readSaid(utf8(headed))?.value).toEqual({ kind: "message", body: "", status: "503" });
  expect(readSaid(utf8("SSH-2.0-x\r\n"))?.value.kind).toBe("garbage");
});

test("a message's size is in bytes; subjects have no wildcards", () => {
  expect(lossyText(writePublish("a.b", undefined, "é"))).toBe("PUB a.b 2\r\né\r\n");
  expect(["a.b", "a..b", "a.*", ">", "a b", ""].map(isSubject)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("noise is refused or waited for, and never read past its end", () => {
  for (let seed = 1; seed < 300; seed++) {
    const noise = seededEntropy(seed)(seed % 60);
    const begin = utf8(["MSG a 1 ", "HMSG a 1 ", "INFO ", ""][seed % 4]!);
    const bytes = Uint8Array.from([...begin, ...noise, 13, 10]);
    const read = readSaid(bytes);
    if (read) expect(read.size).toBeLessThanOrEqual(bytes.length);
  }
});
