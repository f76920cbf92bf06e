import { expect, test } from "bun:test";
import { utf8 } from "../../base/bytes.ts";
import { SmbConversation } from "./conversation.ts";
import { SmbHouse } from "./house.ts";
import { readCreateResponse, writeCreateRequest, type CreateRequest } from "../../proto/smb/create.ts";
import { writeCloseRequest } from "../../proto/smb/close.ts";
import { writeEmptyBody } from "../../proto/smb/empty-body.ts";
import { command, relatedFile, type FileId } from "../../proto/smb/header.ts";
import { writeLockRequest } from "../../proto/smb/lock.ts";
import { readNotifyEvents, writeNotifyRequest } from "../../proto/smb/notify.ts";
import { readOutputBody } from "../../proto/smb/output-body.ts";
import { readReadResponse, writeReadRequest } from "../../proto/smb/read.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { writeWriteRequest } from "../../proto/smb/write.ts";
import { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { TestClient } from "../../../test/smb/client.ts";
import { trialNeeds, trialPassword, trialSettings } from "../../../test/smb/trial-server.ts";

const alice = { user: "alice", domain: "HOUSE", password: trialPassword };

function house() {
  const needs = trialNeeds();
  const shared = new SmbHouse(needs, trialSettings.serverGuid);
  let session = 1n;
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => session++ };
  return {
    shared,
    client: () => {
      const conversation = new SmbConversation(shared, trialSettings, ambience, "192.0.2.1");
      return Object.assign(new TestClient(conversation), { conversation });
    },
  };
}

const opening = (name: string, more: Partial<CreateRequest> = {}) => ({
  code: command.create,
  write: (w: Writer) =>
    writeCreateRequest(w, {
      oplock: 0,
      impersonation: 2,
      access: 0x1f01ff,
      attributes: 0,
      share: 7,
      disposition: 3,
      options: 0,
      name,
      contexts: [],
      ...more,
    }),
});
const closing = (file: FileId, related = false) => ({
  code: command.close,
  related,
  write: (w: Writer) => writeCloseRequest(w, { wantsBasics: false, file }),
});
const reading = (file: FileId, length = 100) => ({
  code: command.read,
  write: (w: Writer) => writeReadRequest(w, { file, offset: 0n, length, minimum: 0, channel: 0 }),
});
const writing = (file: FileId, text: string, related = false) => ({
  code: command.write,
  related,
  write: (w: Writer) => writeWriteRequest(w, { file, offset: 0n, flags: 0, channel: 0, data: utf8(text) }),
});

const kinds: [dialect: number, cipher: number, signing: number][] = [
  [0x0202, 0, 0],
  [0x0210, 0, 0],
  [0x0300, 1, 1],
  [0x0302, 1, 1],
  [0x0311, 1, 0],
  [0x0311, 2, 1],
  [0x0311, 3, 2],
  [0x0311, 4, 2],
];
test.each(kinds)(
  "dialect %x, cipher %d, signing %d: signed and sealed, written and read",
  async (d, cipher, signing) => {
    const client = house().client();
    expect((await client.signIn(alice, [d], [cipher], [signing])).status).toBe(0);
    expect((await client.connect("home")).status).toBe(0);
    for (const sealed of cipher === 0 ? [false] : [false, true]) {
      client.sealed = sealed;
      const created = await client.ask(command.create, opening(`f${sealed}`).write);
      expect(created.status).toBe(0);
      const { file } = readCreateResponse(created.body());
      expect((await client.compound([writing(file, "hello")]))[0]!.status).toBe(0);
      const [read] = await client.compound([reading(file)]);
      expect(Buffer.from(readReadResponse(read!.body())).toString()).toBe("hello");
      expect((await client.compound([closing(file)]))[0]!.status).toBe(0);
      expect((await client.compound([closing(file)]))[0]!.status).toBe(ntStatus.fileClosed);
    }
  },
);

test("a compound creates, writes and closes by related requests", async () => {
  const { client, shared } = house();
  const one = client();
  await one.signIn(alice);
  await one.connect("home");
  const got = await one.compound([
    opening("x"),
    { ...writing(relatedFile, "data", true) },
    { ...closing(relatedFile, true) },
  ]);
  expect(got.map((g) => g.status)).toEqual([0, 0, 0]);
  expect(shared.openCount).toBe(0);
  const failed = await one.compound([
    opening("nowhere", { disposition: 1 }),
    { ...writing(relatedFile, "data", true) },
    { ...closing(relatedFile, true) },
  ]);
  expect(failed.map((g) => g.status)).toEqual(Array(3).fill(ntStatus.objectNameNotFound));
});

test("wrong passwords, unsigned and forged requests are refused", async () => {
  const { client } = house();
  expect((await client().signIn({ ...alice, password: "wrong" })).status).toBe(ntStatus.logonFailure);
  expect((await client().signIn({ ...alice, user: "nobody" })).status).toBe(ntStatus.logonFailure);
  const one = client();
  await one.signIn(alice);
  const { session } = one;
  one.session = session + 1n;
  expect((await one.connect("home")).status).toBe(ntStatus.userSessionDeleted);
});

test("what one handle writes another reads at once; the store has it after the close", async () => {
  const { client, shared } = house();
  const [one, two] = [client(), client()];
  for (const c of [one, two]) {
    await c.signIn(alice);
    await c.connect("home");
  }
  const open = async (c: TestClient, more: Partial<CreateRequest> = {}) =>
    readCreateResponse((await c.ask(command.create, opening("shared", more).write)).body()).file;
  const mine = await open(one);
  await one.compound([writing(mine, "now")]);
  const theirs = await open(two, { access: 0x120089 });
  const [read] = await two.compound([reading(theirs)]);
  expect(Buffer.from(readReadResponse(read!.body())).toString()).toBe("now");
  const share = (await shared.needs.shares(undefined as never))[0]!;
  const files = await shared.needs.files(undefined as never, share, "");
  if (!files.ok) throw new Error("no files");
  expect((await files.value.files.stat(["shared"])).ok).toBe(false);
  await one.compound([closing(mine)]);
  expect(await files.value.files.stat(["shared"])).toMatchObject({ ok: true, value: { size: 3 } });
  one.conversation.ended();
  two.conversation.ended();
  await shared.emptied();
  expect(shared.openCount).toBe(0);
});

test("share modes hold, and a name that differs in case is the same file", async () => {
  const { client } = house();
  const one = client();
  await one.signIn(alice);
  await one.connect("home");
  const alone = await one.ask(command.create, opening("Only.txt", { share: 0 }).write);
  expect(alone.status).toBe(0);
  const other = await one.ask(command.create, opening("only.TXT", { disposition: 1 }).write);
  expect(other.status).toBe(ntStatus.sharingViolation);
});

test("a lock that waits is told to be pending, and can be cancelled", async () => {
  const { client } = house();
  const one = client();
  await one.signIn(alice);
  await one.connect("home");
  const files = [];
  for (let i = 0; i < 2; i++) {
    const created = await one.ask(command.create, opening("locked").write);
    files.push(readCreateResponse(created.body()).file);
  }
  const locking = (file: FileId, flags: number) => ({
    code: command.lock,
    write: (w: Writer) =>
      writeLockRequest(w, { file, sequence: 0, elements: [{ offset: 0n, length: 10n, flags }] }),
  });
  expect((await one.compound([locking(files[0]!, 2)]))[0]!.status).toBe(0);
  expect((await one.compound([locking(files[1]!, 2 | 0x10)]))[0]!.status).toBe(ntStatus.lockNotGranted);
  expect((await one.compound([writing(files[1]!, "x")]))[0]!.status).toBe(ntStatus.fileLockConflict);
  expect(await one.compound([locking(files[1]!, 2)])).toEqual([]);
  const [pending] = await one.later(50);
  expect(pending!.status).toBe(ntStatus.pending);
  expect(pending!.header.asyncId).not.toBe(0n);
  const [granted] = await one.compound([locking(files[0]!, 4)]).then((got) => {
    expect(got.some((g) => g.status === 0)).toBe(true);
    return got.filter((g) => g.header.asyncId !== 0n);
  });
  expect(granted?.status ?? (await one.later(1))[0]!.status).toBe(0);
});

test("who watches a folder is told what is made in it", async () => {
  const { client } = house();
  const one = client();
  await one.signIn(alice);
  await one.connect("home");
  const folder = readCreateResponse(
    (await one.ask(command.create, opening("", { options: 1 }).write)).body(),
  ).file;
  const watching = {
    code: command.changeNotify,
    write: (w: Writer) => writeNotifyRequest(w, { tree: false, outputLength: 4096, file: folder, filter: 3 }),
  };
  expect(await one.compound([watching])).toEqual([]);
  await one.later(50);
  const got = await one.compound([opening("made")]);
  const told = [...got, ...(await one.later(1))].find((g) => g.header.command === command.changeNotify)!;
  expect(readNotifyEvents(new Reader(readOutputBody(told.body())))).toEqual([{ action: 1, name: "made" }]);
});

test("nobody signed in: the connection ends after a while; so does one that speaks nonsense", async () => {
  const { client } = house();
  const idle = client();
  await idle.negotiate([0x0311], [2], [2]);
  await idle.later(60_000);
  expect(idle.closed).toBe(true);
  const babbling = client();
  babbling.sendRaw(utf8("GET / HTTP/1.1\r\n\r\n"));
  expect(babbling.closed).toBe(true);
  const echoing = client();
  await echoing.signIn(alice);
  expect((await echoing.ask(command.echo, writeEmptyBody)).status).toBe(0);
});
