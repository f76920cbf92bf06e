import { expect, test } from "bun:test";
import { deflateSync, inflateSync } from "node:zlib";
import { concat, empty, utf8 } from "../../lib/base/bytes.ts";
import { must, ok } from "../../lib/base/result.ts";
import type { DataLink } from "../../lib/gate/ftp/needs.ts";
import { deflatedLink } from "./deflated-link.ts";

function played(incoming: readonly Uint8Array[]): DataLink & { readonly sent: Uint8Array[] } {
  const left = [...incoming];
  const sent: Uint8Array[] = [];
  return {
    sent,
    read: async () => ok(left.shift() ?? empty),
    write: async (bytes) => (sent.push(bytes), ok()),
    end: async () => ok(),
    cut() {},
  };
}

async function readAll(link: DataLink): Promise<Uint8Array | string> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const got = await link.read(1 << 20);
    if (!got.ok) return got.fault.code;
    if (got.value.length === 0) return concat(parts);
    parts.push(got.value);
  }
}

const body = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 9);

test("what is written is a zlib stream, and what is read was one", async () => {
  const out = played([]);
  const link = deflatedLink(out, 6);
  for (let at = 0; at < body.length; at += 700_000) must(await link.write(body.subarray(at, at + 700_000)));
  must(await link.end());
  expect(Buffer.compare(inflateSync(concat(out.sent)), body)).toBe(0);
  const squeezed = deflateSync(body);
  const pieces = Array.from({ length: 50 }, (_, i) => {
    const size = Math.ceil(squeezed.length / 50);
    return Uint8Array.from(squeezed.subarray(i * size, (i + 1) * size));
  }).filter((piece) => piece.length > 0);
  const back = await readAll(deflatedLink(played(pieces), 6));
  expect(Buffer.compare(back as Uint8Array, body)).toBe(0);
  expect(await readAll(deflatedLink(played([Uint8Array.from(deflateSync(empty))]), 6))).toEqual(empty);
});

test("cut off, damaged, and a bomb", async () => {
  const squeezed = Uint8Array.from(deflateSync(body));
  const of = (...pieces: Uint8Array[]) => readAll(deflatedLink(played(pieces), 6));
  expect(await of(squeezed.slice(0, -10))).toBe("truncated");
  expect(await of(utf8("this is no zlib stream at all"))).toBe("damaged");
  const bomb = Uint8Array.from(deflateSync(new Uint8Array(80 << 20)));
  expect(await of(bomb)).toBe("too-large");
});
