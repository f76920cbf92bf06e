import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { parseIp, parsePrefix } from "../../base/ip.ts";
import { asInstant } from "../../base/time.ts";
import { allows } from "./access-list.ts";
import { localReference, localStatus } from "./house-status.ts";
import { newShared, ntpDoor, type NtpDoorPlan } from "./ntp-door.ts";
import { SharedStatus } from "./shared-status.ts";
import { Tally } from "./tally.ts";

const prefixes = (...texts: string[]) => texts.map((text) => parsePrefix(text)!);
const reference = { seconds: 4_000_000_000, fraction: 0 };
const claim = { stratum: 10, dispersion: 1 };

test("who is denied stays denied, who is not allowed is not", () => {
  const list = { allow: prefixes("10.0.0.0/8", "::/0"), deny: prefixes("10.1.0.0/16") };
  const asks = (text: string): boolean => allows(list, parseIp(text)!);
  expect(["10.2.0.1", "10.1.0.1", "192.0.2.1", "2001:db8::1"].map(asks)).toEqual([true, false, false, true]);
});

test("a clock that nobody vouches for is told with our own stated error", () => {
  expect(localStatus(undefined, claim, -23, reference)).toMatchObject({
    leap: 0,
    stratum: 10,
    rootDispersion: 1,
    referenceId: localReference,
  });
  const vouched = { synchronised: true, leap: "insert", maxError: 0.02 } as const;
  expect(localStatus(vouched, claim, -23, reference)).toMatchObject({ leap: 1, rootDispersion: 0.02 });
  const unvouched = { ...vouched, synchronised: false };
  expect(localStatus(unvouched, claim, -23, reference)).toMatchObject({ leap: 0, rootDispersion: 1 });
});

test("who claims nothing says unsynchronised", () => {
  const status = localStatus(undefined, { stratum: 0, dispersion: 1 }, -23, reference);
  expect(status).toMatchObject({ leap: 3, stratum: 0 });
});

test("a status survives the shared memory", () => {
  const status = {
    ...localStatus(undefined, claim, -23, reference),
    rootDelay: 0.25,
    referenceId: 0xffffffff,
  };
  const shared = new SharedStatus();
  shared.publish(status);
  expect(new SharedStatus(shared.memory).read()).toEqual(status);
});

test("lanes count apart and are read together", () => {
  const memory = new SharedArrayBuffer(Tally.bytesFor(2));
  const [a, b] = [new Tally(memory, 0), new Tally(memory, 1)];
  a.count("answered");
  b.count("answered");
  b.count("bad-digest");
  expect(a.read().get("answered")).toBe(2);
  expect(a.read().get("bad-digest")).toBe(1);
  expect(a.read().get("short")).toBe(0);
});

const plan = (more: Partial<NtpDoorPlan> = {}): NtpDoorPlan => {
  const shared = newShared(1, 64);
  new SharedStatus(shared.status).publish(localStatus(undefined, claim, -20, reference));
  const access = { allow: prefixes("192.0.2.0/24"), deny: [] };
  return {
    access,
    limit: { interval: 8, burst: 2, leak: 0 },
    precision: -20,
    seed: 1,
    keys: [],
    nts: undefined,
    smear: undefined,
    control: false,
    shared,
    ...more,
  };
};
const world = {
  realtime: () => ({ seconds: 1_795_000_000, nanoseconds: 500_000_000 }),
  now: () => asInstant(5000),
  isLeapSecond: () => false,
  entropy: seededEntropy(7),
};
const request = Uint8Array.from({ length: 48 }, (_, i) => (i === 0 ? 0x23 : i));

test("the door answers who may ask, within the rate, and counts every end", () => {
  const p = plan();
  const door = ntpDoor(p, world, 0);
  const ask = (text: string): boolean =>
    door.answer(request, parseIp(text)!, 4000, world.realtime()) !== undefined;
  expect([ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.1"), ask("198.51.100.1")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const counts = new Tally(p.shared.tally, 0).read();
  expect([counts.get("answered"), counts.get("limited"), counts.get("denied")]).toEqual([2, 1, 1]);
});

test("receive stamps end in 1, transmit stamps in 0, and what lies below the precision is noise", () => {
  const door = ntpDoor(plan({ limit: undefined }), world, 0);
  const seen = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const reply = door.answer(request, parseIp("192.0.2.1")!, 4000, world.realtime())!.bytes;
    const view = new DataView(reply.buffer, reply.byteOffset);
    expect(view.getUint32(36) & 1).toBe(1);
    expect(view.getUint32(44) & 1).toBe(0);
    expect(view.getUint32(44) >>> 12).toBe(0x80000);
    seen.add(view.getUint32(44));
  }
  expect(seen.size).toBeGreaterThan(40);
});
