import { expect, test } from "bun:test";
import { concat, utf8 } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { HeadReader } from "./http-head.ts";
import { HttpReader } from "./http-reader.ts";

const heads = new HeadReader();
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/** All that the reader makes of the pieces: one line for each message, with its body whole. */
function readAll(pieces: readonly Uint8Array[]): string[] {
  const reader = new HttpReader(heads);
  const told: string[] = [];
  let body: Uint8Array[] = [];
  for (const piece of pieces) {
    reader.push(new Uint8Array(piece));
    for (let input = reader.next(); input; input = reader.next()) {
      if (input.is === "head") told.push(`${input.head.method} ${input.head.target}`);
      else if (input.is === "refused") told.push(`refused ${input.refusal.status}`);
      else if (input.is === "data") {
        body.push(new Uint8Array(input.bytes));
        input.bytes.fill(0x23); // whoever takes it may do with it what it likes
      } else {
        told.push(Buffer.from(concat(body)).toString("latin1"));
        body = [];
      }
    }
  }
  return told;
}

const conversation = [
  "\r\nPUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
  "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
  "PUT /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
  "3\r\nabc\r\nA ; x=y\r\n0123456789\r\n0\r\nX-T: u\r\nX-V:\r\n\r\n",
  "GET /4 HTTP/1.1\r\nHost: h\r\n\r\n",
  "POST /5 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "GET /6 HTTP/1.0\r\n\r\n",
].join("");
const told = ["PUT /1", "hello", "GET /2", "PUT /3", "abc0123456789", "GET /4", "POST /5", "", "GET /6"];

test("reads one conversation the same, cut at any byte", () => {
  const whole = bytesOf(conversation);
  expect(readAll([whole])).toEqual(told);
  for (let cut = 1; cut < whole.length; cut++) {
    expect([cut, ...readAll([whole.subarray(0, cut), whole.subarray(cut)])]).toEqual([cut, ...told]);
  }
  expect(readAll(Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(told);
});

test("and cut anywhere, many times, with bodies of any size", () => {
  const entropy = seededEntropy(7);
  const random = (below: number): number => (entropy(1)[0]! * 256 + entropy(1)[0]!) % below;
  for (let round = 0; round < 200; round++) {
    const expected: string[] = [];
    const text = Array.from({ length: 1 + random(5) }, (_, i) => {
      const body = "x".repeat(random(5) === 0 ? 0 : random(400));
      expected.push(`PUT /${i}`, body);
      if (random(2) === 0 && body !== "") {
        return `PUT /${i} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      }
      const at = random(body.length + 1);
      const chunks = [body.slice(0, at), body.slice(at)].filter((one) => one !== "");
      const coded = chunks.map((one) => `${one.length.toString(16)}\r\n${one}\r\n`).join("");
      return `PUT /${i} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${coded}0\r\n\r\n`;
    }).join("");
    const whole = bytesOf(text);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < whole.length;) {
      const to = Math.min(whole.length, at + 1 + random(random(4) === 0 ? 600 : 30));
      pieces.push(whole.subarray(at, to));
      at = to;
    }
    expect(readAll(pieces)).toEqual(expected);
  }
});

const put = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const refused: Record<string, string> = {
  "a size of 2^63": `${put}8000000000000000\r\n`,
  "a negative size": `${put}-1\r\n`,
  "a size that is no number": `${put}0x10\r\n`,
  "an empty size": `${put}\r\n`,
  "a size line that does not end": `${put}5;${"x".repeat(300)}`,
  "a size with a bare LF": `${put}5\nhello`,
  "a chunk longer than its size": `${put}4\r\nhello\r\n`,
  "a NUL in an extension": `${put}5;\0\r\nhello\r\n`,
  "a trailer without a name": `${put}0\r\nhello\r\n\r\n`,
  "a folded trailer": `${put}0\r\nX-T: a\r\n b\r\n\r\n`,
  "trailers that do not end": `${put}0\r\n${"X-T: aaaaaaaaaaaaaaaa\r\n".repeat(500)}`,
  "a head that does not end": `GET / HTTP/1.1\r\nHost: h\r\n${"X-T: aaaaaaaaaaaaaaaa\r\n".repeat(2000)}`,
  "a request line that does not end": `GET /${"a".repeat(40_000)}`,
  "blank lines without end": `${"\r\n".repeat(50)}GET / HTTP/1.1\r\nHost: h\r\n\r\n`,
};
for (const [what, text] of Object.entries(refused)) {
  test(`refuses ${what}, whole and byte by byte, and reads nothing after it`, () => {
    const smuggled = bytesOf(`${text}\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n`);
    for (const got of [readAll([smuggled]), readAll(Array.from(smuggled, (b) => Uint8Array.of(b)))]) {
      expect(got.at(-1)).toMatch(/^refused 4(?:00|14|31)$/);
      expect(got.join()).not.toContain("smuggled");
    }
  });
}

test("garbage is refused or waited for, never held beyond the limit", () => {
  const entropy = seededEntropy(3);
  for (let round = 0; round < 300; round++) {
    const reader = new HttpReader(heads);
    if (round % 3 === 0) reader.push(utf8(put));
    for (let i = 0; i < 20; i++) {
      reader.push(entropy(1 + ((i * 37) % 300)));
      for (let n = 0, input = reader.next(); input; input = reader.next()) expect(n++).toBeLessThan(400);
      expect(reader.heldBytes).toBeLessThan(40_000);
    }
  }
});

test("what is pushed ahead waits, and is told", () => {
  const reader = new HttpReader(heads);
  reader.push(bytesOf("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HT"));
  expect(reader.next()?.is).toBe("head");
  expect(reader.heldBytes).toBe(9);
  expect(reader.amidHead).toBe(true);
  reader.push(bytesOf("TP/1.1\r\nHost: h\r\n\r\n"));
  expect(reader.next()?.is).toBe("head");
  expect([reader.heldBytes, reader.amidHead, reader.next()]).toEqual([0, false, undefined]);
});
