import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { answerControl, peerStatus, selections, systemStatus, type ControlBook } from "./control.ts";

const book: ControlBook = {
  system: { status: systemStatus(0), variables: { version: '"x"', stratum: 3, offset: "0.012" } },
  peers: [
    { status: peerStatus(selections.system, true, false), variables: { srcadr: "192.0.2.1", reach: "0xff" } },
    { status: peerStatus(selections.falsetick, true, true), variables: { srcadr: "192.0.2.2" } },
  ],
};
const ask = (opcode: number, association = 0, data = ""): Uint8Array => {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.set([0x16, opcode, 0, 7]);
  bytes.writeUInt16BE(association, 6);
  bytes.writeUInt16BE(data.length, 10);
  bytes.write(data, 12, "latin1");
  return bytes;
};
const said = (bytes: Uint8Array | undefined) => {
  const view = Buffer.from(bytes!);
  const count = view.readUInt16BE(10);
  return {
    flags: view[1]! & 0xe0,
    status: view.readUInt16BE(4),
    data: view.subarray(12, 12 + count),
    padded: view.length % 4 === 0,
  };
};

test("read status lists the associations with their words", () => {
  const { flags, data, status, padded } = said(answerControl(ask(1), book));
  expect([flags, status, padded]).toEqual([0x80, 0x0600, true]);
  expect(data.toString("hex")).toBe("0001960000 02f100".replace(" ", ""));
});

test("read variables: all, or those asked for; of the system or of an association", () => {
  expect(said(answerControl(ask(2), book)).data.toString()).toBe('version="x", stratum=3, offset=0.012');
  expect(said(answerControl(ask(2, 0, "offset, nonsense"), book)).data.toString()).toBe("offset=0.012");
  expect(said(answerControl(ask(2, 1), book)).data.toString()).toBe("srcadr=192.0.2.1, reach=0xff");
});

test("what is not served is an error; what is no request is not answered", () => {
  expect(said(answerControl(ask(2, 9), book))).toMatchObject({ flags: 0xc0, status: 0x0400 });
  expect(said(answerControl(ask(3), book))).toMatchObject({ flags: 0xc0, status: 0x0300 });
  expect(answerControl(ask(2).fill(0x80, 1, 2), book)).toBeUndefined();
  expect(answerControl(ask(2).subarray(0, 11), book)).toBeUndefined();
});

test("an answer is never more than one packet, and garbage does nothing", () => {
  const long = Object.fromEntries(
    Array.from({ length: 99 }, (_, i) => [`v${"x".repeat(i % 20)}`, "y".repeat(40)]),
  );
  const bytes = answerControl(ask(2), { ...book, system: { status: 0, variables: long } })!;
  expect(bytes.length).toBeLessThanOrEqual(480);
  const entropy = seededEntropy(4);
  for (let i = 0; i < 20_000; i++) {
    const packet = entropy(i % 40);
    if (packet.length > 1) packet.set([0x16, packet[1]! & 0x1f]);
    expect((answerControl(packet, book)?.length ?? 0) <= 480).toBe(true);
  }
});
