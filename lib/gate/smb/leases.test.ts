import { expect, test } from "bun:test";
import { readBreakAck, readLeaseBreak, writeBreakAck } from "../../proto/smb/break.ts";
import { contextName, leaseBytes, leaseIn } from "../../proto/smb/create-context.ts";
import { readCreateResponse, writeCreateRequest, type CreateRequest } from "../../proto/smb/create.ts";
import { command, type FileId } from "../../proto/smb/header.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { writeWriteRequest } from "../../proto/smb/write.ts";
import type { Writer } from "../../wire/writer.ts";
import { TestClient, type Got } from "../../../test/smb/client.ts";
import { trialNeeds, trialPassword, trialSettings } from "../../../test/smb/trial-server.ts";
import { SmbConversation } from "./conversation.ts";
import { SmbHouse } from "./house.ts";

async function clients(count: number): Promise<TestClient[]> {
  const needs = trialNeeds();
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  let session = 1n;
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => session++ };
  const made = Array.from(
    { length: count },
    () => new TestClient(new SmbConversation(house, trialSettings, ambience, "192.0.2.1")),
  );
  for (const one of made) {
    await one.signIn({ user: "alice", domain: "", password: trialPassword });
    await one.connect("home");
  }
  return made;
}

const open = (client: TestClient, more: Partial<CreateRequest>): Promise<Got> =>
  client.ask(command.create, (w) =>
    writeCreateRequest(w, {
      oplock: 0,
      impersonation: 2,
      access: 0x12019f,
      attributes: 0,
      share: 7,
      disposition: 3,
      options: 0,
      name: "shared",
      contexts: [],
      ...more,
    }),
  );

const leased = (key: number, state: number): Partial<CreateRequest> => {
  const lease = { version: 1 as const, flags: 0, parentKey: new Uint8Array(16), epoch: 0 };
  const data = leaseBytes({ ...lease, key: new Uint8Array(16).fill(key), state });
  return { oplock: 0xff, contexts: [{ name: contextName.lease, data }] };
};
/** What the server says of its own accord, as soon as it does. */
async function told(client: TestClient): Promise<Got | undefined> {
  for (let i = 0; i < 200; i++) {
    const [got] = client.take();
    if (got) return got;
    await Bun.sleep(5);
  }
  return undefined;
}
const stateOf = (got: Got): number => {
  const context = readCreateResponse(got.body()).contexts.find((c) => c.name === contextName.lease)!;
  return leaseIn(context.data, 0x0311)!.state;
};
const write = (client: TestClient, file: FileId): Promise<Got> =>
  client.ask(command.write, (w: Writer) =>
    writeWriteRequest(w, { file, offset: 0n, flags: 0, channel: 0, data: Uint8Array.of(1) }),
  );

test("a batch oplock is broken before another may open, and its holder answers first", async () => {
  const [one, two] = (await clients(2)) as [TestClient, TestClient];
  const first = readCreateResponse((await open(one, { oplock: 9 })).body());
  expect(first.oplock).toBe(9);
  const opening = open(two, { oplock: 9 });
  const notice = await told(one);
  expect(notice!.header.messageId).toBe(0xffff_ffff_ffff_ffffn);
  expect(readBreakAck(notice!.body())).toEqual({ kind: "oplock", level: 1, file: first.file });
  const ack = { kind: "oplock" as const, level: 1, file: first.file };
  expect((await one.ask(command.oplockBreak, (w) => writeBreakAck(w, ack))).status).toBe(0);
  const late = (await opening) ?? (await told(two));
  expect(late).toMatchObject({ status: 0 });
  expect(readCreateResponse(late.body()).oplock).toBe(1);
  const again = await one.ask(command.oplockBreak, (w) => writeBreakAck(w, ack));
  expect(again.status).toBe(ntStatus.invalidOplockProtocol);
});

test("a lease is one for all handles of its key, and another's write takes reading away", async () => {
  const [one, two] = (await clients(2)) as [TestClient, TestClient];
  expect(stateOf(await open(one, leased(1, 3)))).toBe(3);
  expect(stateOf(await open(one, leased(1, 3)))).toBe(3);
  const other = await open(two, {});
  expect(one.take()).toEqual([]);
  expect((await write(two, readCreateResponse(other.body()).file)).status).toBe(0);
  const notice = await told(one);
  expect(readLeaseBreak(notice!.body())).toMatchObject({ from: 3, to: 0, wantsAck: true });
  const ack = { kind: "lease" as const, key: new Uint8Array(16).fill(1), state: 1 };
  const tooMuch = await one.ask(command.oplockBreak, (w) => writeBreakAck(w, ack));
  expect(tooMuch.status).toBe(ntStatus.requestNotAccepted);
  const none = await one.ask(command.oplockBreak, (w) => writeBreakAck(w, { ...ack, state: 0 }));
  expect(none.status).toBe(0);
});

test("a lease's key belongs to one file; writing alone is for who is alone", async () => {
  const [one, two] = (await clients(2)) as [TestClient, TestClient];
  expect(stateOf(await open(one, leased(1, 7)))).toBe(7);
  expect((await open(one, { ...leased(1, 7), name: "other" })).status).toBe(ntStatus.invalidParameter);
  expect((await open(two, { name: "third" })).status).toBe(0);
  expect(stateOf(await open(one, { ...leased(2, 7), name: "third" }))).toBe(3);
});
