import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { seededEntropy } from "../../base/entropy.ts";
import { Ed25519Key, verifiesEd25519 } from "../../crypto/raw-ed25519.ts";
import { decode } from "../../wire/decode.ts";
import {
  chainedNonce,
  chainReport,
  judgeChain,
  roughtimeRequest,
  verifyRoughtime,
  type Link,
} from "./client.ts";
import { isInTree, leafOf, treeOf } from "./merkle.ts";
import { messageBytes, packetBytes, readPacket, tags, u32Bytes } from "./message.ts";
import { RoughtimeServer } from "./server.ts";

const entropy = seededEntropy(17);
const now = 1_795_000_000;
const server = (seed: number): RoughtimeServer => new RoughtimeServer(seededEntropy(seed)(32), entropy);
const ask = (one: RoughtimeServer, request: Uint8Array, at = now, radius = 3): Uint8Array | undefined =>
  one.answer([request], { now: at, radius })[0];

test("RFC 8032 §7.1, test 2", () => {
  const key = new Ed25519Key(
    Uint8Array.fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
  );
  expect(key.publicKey.toHex()).toBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = key.sign(Uint8Array.of(0x72));
  expect(signature.toHex()).toStartWith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da");
  expect(verifiesEd25519(key.publicKey, Uint8Array.of(0x72), signature)).toBe(true);
  expect(verifiesEd25519(key.publicKey, Uint8Array.of(0x73), signature)).toBe(false);
});

test("a request is answered with a time that verifies, and the response is the smaller", () => {
  const one = server(1);
  const request = roughtimeRequest(entropy(32), one.publicKey);
  expect(request.length).toBe(1036);
  const response = ask(one, request)!;
  expect(response.length).toBeLessThanOrEqual(request.length);
  expect(verifyRoughtime(request, response, one.publicKey)).toEqual({
    ok: true,
    value: { midpoint: now, radius: 3 },
  });
});

test("64 at once share one signature, and each verifies by its own path", () => {
  const one = server(1);
  const requests = Array.from({ length: 64 }, () => roughtimeRequest(entropy(32), one.publicKey));
  const responses = one.answer(requests, { now, radius: 1 });
  for (const [i, request] of requests.entries()) {
    expect(verifyRoughtime(request, responses[i]!, one.publicKey).ok).toBe(true);
    expect(verifyRoughtime(request, responses[(i + 1) % 64]!, one.publicKey).ok).toBe(false);
  }
});

test("trees of any size: each leaf is in it where it stands, and nowhere else", () => {
  for (let size = 1; size < 20; size++) {
    const leaves = Array.from({ length: size }, (_, i) => leafOf(Uint8Array.of(i)));
    const { root, paths } = treeOf(leaves);
    for (const [i, path] of paths.entries()) {
      const flat = Uint8Array.from(path.flatMap((node) => [...node]));
      expect(isInTree(leaves[i]!, i, flat, root)).toBe(true);
      expect(isInTree(leaves[i]!, i + 2 ** path.length, flat, root)).toBe(false);
      if (size > 1) expect(isInTree(leafOf(Uint8Array.of(99)), i, flat, root)).toBe(false);
    }
  }
});

test("each bad request gets silence (rows 74–80)", () => {
  const one = server(1);
  const good = roughtimeRequest(entropy(32), one.publicKey);
  const edit = (change: (view: DataView) => void): Uint8Array => {
    const copy = good.slice();
    change(new DataView(copy.buffer));
    return copy;
  };
  const request = (more: Partial<Record<"VER" | "SRV" | "NONC" | "TYPE", Uint8Array>>): Uint8Array => {
    const pairs = { VER: u32Bytes(1), NONC: entropy(32), TYPE: u32Bytes(0), ...more };
    const order = ["VER", "SRV", "NONC", "TYPE"] as const;
    const known = order.flatMap((name) => (pairs[name] ? [[tags[name], pairs[name]] as const] : []));
    return packetBytes(messageBytes([...known, [tags.ZZZZ, new Uint8Array(1000)]]));
  };
  expect(ask(one, request({}))).toBeDefined();
  const rows: [string, Uint8Array][] = [
    ["74 short", good.subarray(0, 1000)],
    ["75 length", edit((view) => view.setUint32(8, 1000, true))],
    ["75 magic", edit((view) => view.setUint8(0, 0x72))],
    ["76 no tags", edit((view) => view.setUint32(12, 0, true))],
    ["76 too many tags", edit((view) => view.setUint32(12, 0xffffffff, true))],
    ["77 unsorted", edit((view) => view.setUint32(12 + 4 + 16, 0x50000000, true))],
    ["78 odd offset", edit((view) => view.setUint32(16, 9, true))],
    ["78 past the end", edit((view) => view.setUint32(16, 4000, true))],
    ["79 no version", request({ VER: new Uint8Array(0) })],
    ["79 33 versions", request({ VER: u32Bytes(...Array.from({ length: 33 }, (_, i) => i + 1)) })],
    ["79 unsorted versions", request({ VER: u32Bytes(2, 1) })],
    ["no version in common", request({ VER: u32Bytes(7) })],
    ["80 another server", request({ SRV: entropy(32) })],
    ["80 a response", request({ TYPE: u32Bytes(1) })],
    ["a short nonce", request({ NONC: entropy(28) })],
  ];
  for (const [name, bytes] of rows) expect([name, ask(one, bytes)]).toEqual([name, undefined]);
});

test("garbage and flipped bits are never answered by more than was asked, and never believed", () => {
  const one = server(1);
  const good = roughtimeRequest(entropy(32), one.publicKey);
  const response = ask(one, good)!;
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ maxLength: 64 }),
      (at, bit, junk) => {
        const flipped = good.slice();
        flipped[at % flipped.length]! ^= 1 << bit;
        expect(ask(one, flipped)?.length ?? 0).toBeLessThanOrEqual(flipped.length);
        expect(decode(readPacket, junk).ok).toBe(false);
        const forged = response.slice();
        forged[at % forged.length]! ^= 1 << bit;
        expect(verifyRoughtime(good, forged, one.publicKey).ok).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});

test("a delegation that was not valid then, or a radius of zero, is not believed (row 82)", () => {
  const one = server(1);
  const request = roughtimeRequest(entropy(32), one.publicKey);
  ask(one, request, now);
  // Within the same delegation but before it began: the server itself makes a new one, so forge by an old
  // response.
  const late = ask(one, request, now + 30 * 86_400)!;
  expect(verifyRoughtime(request, late, one.publicKey).ok).toBe(true);
  expect(ask(one, request, now, 0)).toBeDefined();
  expect(verifyRoughtime(request, ask(one, request, now, 0)!, one.publicKey)).toMatchObject({
    value: { radius: 1 },
  });
});

/** Asks these servers one after the other, each nonce bound to the response before. */
function chain(servers: readonly { one: RoughtimeServer; at: number }[]): Link[] {
  const links: Link[] = [];
  for (const { one, at } of servers) {
    const random = entropy(32);
    const before = links.at(-1);
    const nonce = before ? chainedNonce(before.response, random) : random;
    const request = roughtimeRequest(nonce, one.publicKey);
    links.push({ publicKey: one.publicKey, random, request, response: ask(one, request, at)! });
  }
  return links;
}

test("a chain of servers that agree is consistent; a liar in it is proved one (row 83)", () => {
  const [a, b, c] = [server(1), server(2), server(3)];
  const honest = [a, b, c, a, b, c].map((one, i) => ({ one, at: now + i }));
  expect(judgeChain(chain(honest))).toMatchObject({ ok: true, value: { contradiction: undefined } });
  const lying = honest.map((link) => (link.one === b ? { ...link, at: link.at + 600 } : link));
  const links = chain(lying);
  expect(judgeChain(links)).toMatchObject({ value: { contradiction: [1, 2] } });
  const report = JSON.parse(chainReport(links)) as { responses: Record<string, string>[] };
  const read = report.responses.map((one): Link => {
    const bytes = (name: string): Uint8Array => Uint8Array.fromBase64(one[name]!);
    return {
      publicKey: bytes("publicKey"),
      random: bytes("rand"),
      request: bytes("request"),
      response: bytes("response"),
    };
  });
  expect(judgeChain(read)).toMatchObject({ value: { contradiction: [1, 2] } });
});

test("links that are put in another order, or signed by another, prove nothing", () => {
  const [a, b] = [server(1), server(2)];
  const links = chain([a, b, a].map((one, i) => ({ one, at: now + i })));
  expect(judgeChain([links[0]!, links[2]!]).ok).toBe(false);
  expect(judgeChain([{ ...links[0]!, publicKey: b.publicKey }]).ok).toBe(false);
});
