import { expect, test } from "bun:test";
import { writeCloseRequest } from "../../proto/smb/close.ts";
import {
  access,
  createOption,
  disposition,
  readCreateResponse,
  writeCreateRequest,
  type CreateRequest,
} from "../../proto/smb/create.ts";
import { command, type FileId } from "../../proto/smb/header.ts";
import { readOutputBody } from "../../proto/smb/output-body.ts";
import { readReadResponse, writeReadRequest } from "../../proto/smb/read.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { writeQueryInfoRequest } from "../../proto/smb/query-info.ts";
import { writeWriteRequest } from "../../proto/smb/write.ts";
import { utf16Text } from "../../wire/utf16.ts";
import { memoryFiles } from "../../store/memory-files.ts";
import { TestClient, type Got } from "../../../test/smb/client.ts";
import { trialNeeds, trialPassword, trialSettings } from "../../../test/smb/trial-server.ts";
import { attachmentsFolder } from "./attachments.ts";
import { SmbConversation } from "./conversation.ts";
import { SmbHouse } from "./house.ts";
import { noteOf } from "./note.ts";

async function trial() {
  const files = memoryFiles({ clock: trialNeeds().clock, capacityBytes: 2 ** 20 });
  const needs = trialNeeds({ files });
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => 1n };
  const client = new TestClient(new SmbConversation(house, trialSettings, ambience, "192.0.2.1"));
  await client.signIn({ user: "alice", domain: "", password: trialPassword });
  await client.connect("home");
  return { files, house, client };
}

const open = (client: TestClient, name: string, more: Partial<CreateRequest> = {}): Promise<Got> =>
  client.ask(command.create, (w) =>
    writeCreateRequest(w, {
      oplock: 0,
      impersonation: 2,
      access: 0x1f01ff,
      attributes: 0,
      share: 7,
      disposition: disposition.openIf,
      options: 0,
      name,
      contexts: [],
      ...more,
    }),
  );
const close = (client: TestClient, file: FileId): Promise<Got> =>
  client.ask(command.close, (w) => writeCloseRequest(w, { wantsBasics: false, file }));
const fileOf = (got: Got): FileId => readCreateResponse(got.body()).file;

async function put(client: TestClient, name: string, text: string): Promise<void> {
  const file = fileOf(await open(client, name));
  const data = Uint8Array.from(Buffer.from(text));
  await client.ask(command.write, (w) =>
    writeWriteRequest(w, { file, offset: 0n, flags: 0, channel: 0, data }),
  );
  expect((await close(client, file)).status).toBe(0);
}

async function get(client: TestClient, name: string): Promise<string | number> {
  const opened = await open(client, name, { disposition: disposition.open });
  if (opened.status !== 0) return opened.status;
  const file = fileOf(opened);
  const read = await client.ask(command.read, (w) =>
    writeReadRequest(w, { file, offset: 0n, length: 100, minimum: 0, channel: 0 }),
  );
  await close(client, file);
  if (read.status === ntStatus.endOfFile) return "";
  return Buffer.from(readReadResponse(read.body())).toString();
}

async function streamNames(client: TestClient, name: string): Promise<string[]> {
  const file = fileOf(await open(client, name));
  const ask = { type: 1, infoClass: 22, outputLength: 4096, additional: 0, flags: 0 };
  const got = await client.ask(command.queryInfo, (w) =>
    writeQueryInfoRequest(w, { ...ask, file, input: new Uint8Array(0) }),
  );
  const bytes = readOutputBody(got.body());
  await close(client, file);
  return utf16Text(bytes).match(/:[^:]*:\$DATA/g) ?? [];
}

test("streams are a file's own, are listed, and go with it", async () => {
  const { client, files } = await trial();
  await put(client, "a", "main");
  await put(client, "a:Zone.Identifier", "[ZoneTransfer]");
  await put(client, "a:second:$DATA", "2");
  expect(await get(client, "a")).toBe("main");
  expect(await get(client, "a:zone.identifier")).toBe("[ZoneTransfer]");
  expect(await get(client, "a:none")).toBe(ntStatus.objectNameNotFound);
  expect(await streamNames(client, "a")).toEqual(["::$DATA", ":Zone.Identifier:$DATA", ":second:$DATA"]);
  const gone = fileOf(await open(client, "a", { options: createOption.deleteOnClose }));
  await close(client, gone);
  const left = await files.list([attachmentsFolder, "streams"], "", 10);
  expect(left).toMatchObject({ ok: true, value: { rows: [] } });
});

test("who makes a stream makes its file; a name with a slash or twice a colon is none", async () => {
  const { client } = await trial();
  await put(client, "made:by", "x");
  expect(await get(client, "made")).toBe("");
  expect((await open(client, "made:a:b")).status).toBe(ntStatus.objectNameInvalid);
  expect((await open(client, "made:s", { options: createOption.directory })).status).toBe(
    ntStatus.notADirectory,
  );
});

test("streams stay with a file that another door renames, and are not shared with its copies", async () => {
  const { client, files } = await trial();
  await put(client, "a:s", "first");
  await files.rename(["a"], ["b"], false);
  expect(await get(client, "b:s")).toBe("first");
  const stat = await files.stat(["b"]);
  if (!stat.ok) throw new Error("b is gone");
  await put(client, "copy", "");
  await files.change(["copy"], { note: stat.value.note! });
  await put(client, "b:s", "of b ");
  expect(await get(client, "copy:s")).toBe("of b ");
  await put(client, "copy:s", "copy!");
  expect(await get(client, "b:s")).toBe("of b ");
  expect(await get(client, "copy:s")).toBe("copy!");
  const now = await files.stat(["copy"]);
  expect(now.ok && noteOf(now.value).tag !== noteOf(stat.value).tag).toBe(true);
});

test("nobody reaches what is attached by its own name", async () => {
  const { client } = await trial();
  await put(client, "a:s", "x");
  expect((await open(client, attachmentsFolder.toUpperCase())).status).toBe(ntStatus.objectNameNotFound);
  expect((await open(client, `${attachmentsFolder}\\streams`)).status).toBe(ntStatus.objectNameNotFound);
});

test("a stream that does not share deletion keeps its file", async () => {
  const { client } = await trial();
  await put(client, "a", "x");
  const stream = fileOf(await open(client, "a:s", { share: 3, access: access.readData }));
  expect((await open(client, "a", { access: access.delete })).status).toBe(ntStatus.sharingViolation);
  await close(client, stream);
  expect((await open(client, "a", { access: access.delete })).status).toBe(0);
});
