import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, utf8 } from "../../base/bytes.ts";
import { fail, ok } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import { decode } from "../../wire/decode.ts";
import { Writer } from "../../wire/writer.ts";
import type { SftpAnswer } from "./asks.ts";
import type { Attributes } from "./attributes.ts";
import { packetBytes, SftpFrames } from "./frames.ts";
import { readRequest, writeRequest, type Request } from "./requests.ts";
import { SftpSession } from "./session.ts";
import { framed, heardIn, initPacket, requestPacket, type Heard } from "./stage.ts";

const newSession = (): SftpSession => new SftpSession({ user: "ann", wall: () => asUnixMs(0) });

function drain(session: SftpSession): { heard: Heard[]; asks: number[]; closed: boolean } {
  const sent: Uint8Array[] = [];
  const asks: number[] = [];
  let closed = false;
  for (let effect = session.poll(); effect; effect = session.poll()) {
    if (effect.do === "send") sent.push(effect.bytes);
    else if (effect.do === "ask") asks.push(effect.id);
    else closed = true;
  }
  return { heard: heardIn(sent), asks, closed };
}

test("INIT comes first, and once", () => {
  for (const bytes of [
    [requestPacket({ id: 1, op: "stat", path: "/" })],
    [initPacket(), initPacket()],
    [initPacket(0)],
  ]) {
    const session = newSession();
    for (const one of bytes) session.receive(one);
    expect(drain(session).closed).toBe(true);
  }
});

test("an empty, oversized or short packet ends the conversation", () => {
  const head = (length: number): Uint8Array => {
    const w = new Writer();
    w.u32(length);
    return w.view();
  };
  for (const bad of [
    head(0),
    head(packetBytes + 1),
    head(0xffff_ffff),
    framed(Uint8Array.of(3, 0, 0, 0, 1, 0, 0, 0, 9, 65)),
    framed(Uint8Array.of(17)),
  ]) {
    const session = newSession();
    session.receive(initPacket());
    session.receive(bad);
    expect(drain(session).closed).toBe(true);
  }
});

test("answers go to their requests in whatever order they come", () => {
  const session = newSession();
  session.receive(
    concat([initPacket(), ...[7, 8, 9].map((id) => requestPacket({ id, op: "remove", path: "f" }))]),
  );
  const { asks } = drain(session);
  session.answer(asks[2]!, fail("denied", "no"));
  session.answer(asks[0]!, ok());
  session.answer(asks[1]!, fail("not-found", "no"));
  expect(drain(session).heard.map(({ id, status }) => [id, status])).toEqual([
    [9, 3],
    [7, 0],
    [8, 2],
  ]);
});

test("unknown requests and links are refused in peace", () => {
  const session = newSession();
  session.receive(initPacket());
  session.receive(framed(Uint8Array.of(99, 0, 0, 0, 5)));
  session.receive(requestPacket({ id: 6, op: "symlink", from: "a", to: "../../etc" }));
  session.receive(requestPacket({ id: 7, op: "readlink", path: "a" }));
  const { heard, closed } = drain(session);
  expect(heard.slice(1).map(({ status }) => status)).toEqual([8, 8, 8]);
  expect(closed).toBe(false);
});

test("a flood of requests is held back", () => {
  const session = newSession();
  session.receive(initPacket());
  for (let i = 0; i < 10_000; i++) session.receive(requestPacket({ id: i, op: "stat", path: "/" }));
  expect(session.full).toBe(true);
  expect(drain(session).asks.length).toBe(128);
});

test("a name that is not UTF-8 is no file", () => {
  const session = newSession();
  session.receive(initPacket());
  session.receive(framed(Uint8Array.of(17, 0, 0, 0, 5, 0, 0, 0, 2, 0xc3, 0x28)));
  expect(drain(session).heard[1]).toMatchObject({ id: 5, status: 2 });
});

const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    size: fc.nat(),
    owner: fc.record({ user: fc.nat(), group: fc.nat() }),
    mode: fc.nat(0o177777),
    modifiedAt: fc.nat(2 ** 31 - 1).map((seconds) => asUnixMs(seconds * 1000)),
  },
  { requiredKeys: [] },
);
const id = fc.nat();
const name = fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed());
const bytes = fc.uint8Array({ maxLength: 40 });
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ id, op: fc.constant("open" as const), path: name, flags: fc.nat(63), attributes }),
  fc.record({
    id,
    op: fc.constantFrom("close" as const, "fstat" as const, "readdir" as const),
    handle: bytes,
  }),
  fc.record({ id, op: fc.constant("read" as const), handle: bytes, offset: fc.nat(), length: fc.nat() }),
  fc.record({ id, op: fc.constant("write" as const), handle: bytes, offset: fc.nat(), data: bytes }),
  fc.record({
    id,
    op: fc.constantFrom("stat" as const, "opendir" as const, "realpath" as const),
    path: name,
  }),
  fc.record({ id, op: fc.constantFrom("setstat" as const, "mkdir" as const), path: name, attributes }),
  fc.record({ id, op: fc.constant("fsetstat" as const), handle: bytes, attributes }),
  fc.record({ id, op: fc.constantFrom("rename" as const, "symlink" as const), from: name, to: name }),
  fc.record({ id, op: fc.constant("extended" as const), name, data: bytes }),
);

test("every request is read as it is written", () => {
  fc.assert(
    fc.property(request, (one) => {
      const w = new Writer();
      writeRequest(w, one);
      expect(decode(readRequest, w.view())).toEqual(ok(one));
    }),
  );
});

test("frames are the same however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 })),
      fc.array(fc.nat(20)),
      (packets, cuts) => {
        const all = concat(packets.map(framed));
        const frames = new SftpFrames();
        const found: number[][] = [];
        let at = 0;
        for (const size of [...cuts, all.length]) {
          frames.push(all.subarray(at, (at += size)));
          for (let one = frames.next(); one; one = frames.next()) found.push([...(one as Uint8Array)]);
        }
        expect(found).toEqual(packets.map((packet) => [...packet]));
      },
    ),
  );
});

test("garbage and odd answers never throw", () => {
  const answer = fc.constantFrom<SftpAnswer>(
    ok(3),
    ok(utf8("x")),
    ok([]),
    fail("io", "broken"),
    fail("quota", "full"),
  );
  const step = fc.oneof(request, fc.uint8Array({ maxLength: 40 }).map(framed));
  fc.assert(
    fc.property(fc.array(fc.tuple(step, answer)), (steps) => {
      const session = newSession();
      session.receive(initPacket());
      for (const [one] of steps) session.receive(one instanceof Uint8Array ? one : requestPacket(one));
      for (const asked of drain(session).asks) session.answer(asked, fail("io", "broken"));
      drain(session);
    }),
  );
});
