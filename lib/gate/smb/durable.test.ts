import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { writeCloseRequest } from "../../proto/smb/close.ts";
import { contextName, leaseBytes } from "../../proto/smb/create-context.ts";
import { readCreateResponse, writeCreateRequest, type CreateRequest } from "../../proto/smb/create.ts";
import { durable2Bytes, durable2ReconnectBytes, durableAsk } from "../../proto/smb/durable-context.ts";
import { handleRecordsBytes, handleRecordsIn } from "../../proto/smb/handle-record.ts";
import { command, type FileId } from "../../proto/smb/header.ts";
import { lockFlag, writeLockRequest } from "../../proto/smb/lock.ts";
import { readReadResponse, writeReadRequest } from "../../proto/smb/read.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { writeWriteRequest } from "../../proto/smb/write.ts";
import type { Files } from "../../store/files.ts";
import { memoryFiles } from "../../store/memory-files.ts";
import { TestClient, type Got } from "../../../test/smb/client.ts";
import { trialNeeds, trialPassword, trialSettings } from "../../../test/smb/trial-server.ts";
import { ChannelSequence } from "./channel-sequence.ts";
import { SmbConversation } from "./conversation.ts";
import { journalOfHandles, restoreHandles } from "./handle-journal.ts";
import { SmbHouse } from "./house.ts";
import { LockReplay } from "./lock-replay.ts";

/** A daemon over files that outlive it. */
function daemon(files?: Files) {
  const needs = trialNeeds(files ? { files } : {});
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  let session = 1n;
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => session++ };
  const client = async (user = "alice") => {
    const conversation = new SmbConversation(house, trialSettings, ambience, "192.0.2.1");
    const made = new TestClient(conversation);
    await made.signIn({ user, domain: "", password: trialPassword });
    await made.connect("home");
    const vanish = async (): Promise<void> => {
      conversation.ended();
      await house.emptied();
    };
    return Object.assign(made, { vanish });
  };
  return { house, client };
}

const createGuid = new Uint8Array(16).fill(7);
const asking: Partial<CreateRequest> = {
  oplock: 9,
  contexts: [{ name: contextName.durable2, data: durable2Bytes({ timeoutMs: 0, flags: 0, createGuid }) }],
};
const leased = (state: number): Partial<CreateRequest> => {
  const none = { version: 2 as const, flags: 0, parentKey: new Uint8Array(16), epoch: 0 };
  const data = leaseBytes({ ...none, key: new Uint8Array(16).fill(3), state });
  return { oplock: 0xff, contexts: [...asking.contexts!, { name: contextName.lease, data }] };
};
const comingBack = (file: FileId, guid = createGuid): Partial<CreateRequest> => ({
  contexts: [
    { name: contextName.durable2Reconnect, data: durable2ReconnectBytes({ file, createGuid: guid }) },
  ],
});

const open = (client: TestClient, more: Partial<CreateRequest> = {}): Promise<Got> =>
  client.ask(command.create, (w) =>
    writeCreateRequest(w, {
      oplock: 0,
      impersonation: 2,
      access: 0x12019f,
      attributes: 0,
      share: 7,
      disposition: 3,
      options: 0,
      name: "kept",
      contexts: [],
      ...more,
    }),
  );
const write = (client: TestClient, file: FileId): Promise<Got> =>
  client.ask(command.write, (w) =>
    writeWriteRequest(w, { file, offset: 0n, flags: 0, channel: 0, data: Uint8Array.of(1, 2, 3) }),
  );
const read = (client: TestClient, file: FileId): Promise<Got> =>
  client.ask(command.read, (w) =>
    writeReadRequest(w, { file, offset: 0n, length: 10, minimum: 0, channel: 0 }),
  );
const lock = (client: TestClient, file: FileId, sequence = 0): Promise<Got> => {
  const flags = lockFlag.exclusive | lockFlag.failImmediately;
  return client.ask(command.lock, (w) =>
    writeLockRequest(w, { file, sequence, elements: [{ offset: 100n, length: 10n, flags }] }),
  );
};

test("a durable handle waits for its client, with its locks, and nobody else gets it", async () => {
  const { house, client } = daemon();
  const one = await client();
  const first = readCreateResponse((await open(one, asking)).body());
  expect(first.contexts.map(({ name }) => name)).toEqual([contextName.durable2]);
  await write(one, first.file);
  expect((await lock(one, first.file)).status).toBe(0);
  await one.vanish();
  expect(house.openCount).toBe(1);
  const thief = await client("bob");
  expect((await open(thief, comingBack(first.file))).status).toBe(ntStatus.accessDenied);
  const two = await client();
  const wrong = comingBack(first.file, new Uint8Array(16).fill(8));
  expect((await open(two, wrong)).status).toBe(ntStatus.objectNameNotFound);
  const again = readCreateResponse((await open(two, comingBack(first.file))).body());
  expect(again.file.persistent).toBe(first.file.persistent);
  expect(again.file.volatile).not.toBe(first.file.volatile);
  expect(readReadResponse((await read(two, again.file)).body())).toEqual(Uint8Array.of(1, 2, 3));
  expect((await lock(two, again.file)).status).toBe(ntStatus.lockNotGranted);
  await two.ask(command.close, (w) => writeCloseRequest(w, { wantsBasics: false, file: again.file }));
  expect(house.openCount).toBe(0);
});

test("another's open does not wait for a client that is away", async () => {
  const { house, client } = daemon();
  const one = await client();
  const first = readCreateResponse((await open(one, asking)).body());
  await one.vanish();
  const two = await client("bob");
  expect((await open(two)).status).toBe(0);
  const back = await client();
  expect((await open(back, comingBack(first.file))).status).toBe(ntStatus.objectNameNotFound);
  expect(house.openCount).toBe(1);
});

test("the same CREATE again is answered as before, or refused where it is not a replay", async () => {
  const { client } = daemon();
  const one = await client();
  const first = readCreateResponse((await open(one, asking)).body());
  expect((await open(one, asking)).status).toBe(ntStatus.duplicateObjectId);
  one.replaying = true;
  expect(readCreateResponse((await open(one, asking)).body()).file).toEqual(first.file);
});

test.each([
  ["a batch oplock", asking],
  ["a lease", leased(7)],
])("a restart keeps open files with %s", async (_what, how) => {
  const files = memoryFiles({ clock: trialNeeds().clock, capacityBytes: 2 ** 20 });
  const before = daemon(files);
  const one = await before.client();
  const first = readCreateResponse((await open(one, how)).body());
  await write(one, first.file);
  expect((await lock(one, first.file)).status).toBe(0);
  await one.vanish();
  const journal = await journalOfHandles(before.house);

  const after = daemon(files);
  expect(await restoreHandles(after.house, journal, "restart")).toBe(1);
  const two = await after.client();
  const contexts = [...comingBack(first.file).contexts!, ...how.contexts!.slice(1)];
  const back = await open(two, { contexts });
  expect(back.status).toBe(0);
  const { file, oplock } = readCreateResponse(back.body());
  expect(oplock).toBe(how.oplock!);
  expect(readReadResponse((await read(two, file)).body())).toEqual(Uint8Array.of(1, 2, 3));
  expect((await lock(two, file)).status).toBe(ntStatus.lockNotGranted);
});

test("a handle is not kept over a restart where its file has changed", async () => {
  const files = memoryFiles({ clock: trialNeeds().clock, capacityBytes: 2 ** 20 });
  const before = daemon(files);
  const one = await before.client();
  await open(one, asking);
  await one.vanish();
  const journal = await journalOfHandles(before.house);
  await files.change(["kept"], { size: 5 });
  const after = daemon(files);
  expect(await restoreHandles(after.house, journal, "restart")).toBe(0);
  expect(after.house.openCount).toBe(0);
});

test("the journal comes back as it was written, and garbage is none", () => {
  const hexText = fc.uint8Array({ maxLength: 16 }).map((bytes) => bytes.toHex());
  const u32 = fc.nat(0xffffffff);
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const text = fc.string({ maxLength: 12 });
  const kind = fc.constantFrom(1 as const, 2 as const);
  const record = fc.record({
    persistent: u64,
    user: text,
    share: text,
    path: text,
    access: u32,
    shared: u32,
    mode: u32,
    deleteOnClose: fc.boolean(),
    position: u64,
    durable: fc.record({ version: kind, timeoutMs: u32, resilient: fc.boolean() }),
    client: hexText,
    createGuid: hexText,
    appInstance: hexText,
    held: fc.nat(255),
    lease: fc.option(fc.record({ key: hexText, version: kind, epoch: fc.nat(0xffff) }), { nil: undefined }),
    locks: fc.array(fc.record({ offset: u64, length: u64, exclusive: fc.boolean() })),
    file: fc.record({ id: text, bytes: u64, modifiedMicros: u64 }),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 4 }), fc.nat(), (records, cut) => {
      const bytes = handleRecordsBytes(records);
      expect(handleRecordsIn(bytes)).toEqual(records);
      expect(handleRecordsIn(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
    }),
    { numRuns: 30 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void handleRecordsIn(bytes)));
});

test("contexts of both kinds of durability do not stand together", () => {
  const v1 = { name: contextName.durable, data: new Uint8Array(16) };
  const [v2] = asking.contexts!;
  expect(durableAsk([v1, v2!], 0x0311)).toBeUndefined();
  expect(durableAsk([v1, v2!], 0x0210)).toMatchObject({ kind: "new", version: 1 });
  expect(durableAsk([], 0x0311)).toEqual({ kind: "none" });
});

test("a lock that is sent again is known by its number, in its slot alone", () => {
  const replay = new LockReplay();
  expect(replay.isKnown(0x12)).toBe(false);
  replay.succeeded(0x12);
  expect(replay.isKnown(0x12)).toBe(true);
  expect(replay.isKnown(0x22)).toBe(false);
  expect(replay.isKnown(0x13)).toBe(false);
  expect(replay.isKnown(0x12)).toBe(false);
  for (const none of [0x2, 0x412, 0xfffffff2]) {
    replay.succeeded(none);
    expect(replay.isKnown(none)).toBe(false);
  }
});

test("what is too old may not write, and a replay waits for what went before", () => {
  const channel = new ChannelSequence(5);
  const changes = { replay: false, changes: true };
  const first = channel.enter(5, changes)!;
  expect(channel.enter(4, changes)).toBeUndefined();
  expect(channel.enter(4, { replay: false, changes: false })).toBeDefined();
  const late = new ChannelSequence(0xffff);
  const before = late.enter(0xffff, changes)!;
  late.enter(0, changes)!();
  expect(late.enter(0, { replay: true, changes: true })).toBeUndefined();
  before();
  expect(late.enter(0, { replay: true, changes: true })).toBeDefined();
  first();
});
