import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { allowedBy, inheritedFrom, mapGeneric } from "../../proto/smb/access-check.ts";
import { writeCloseRequest } from "../../proto/smb/close.ts";
import { access, allAccess, readCreateResponse, writeCreateRequest } from "../../proto/smb/create.ts";
import { command, type FileId } from "../../proto/smb/header.ts";
import { readOutputBody } from "../../proto/smb/output-body.ts";
import { writeQueryInfoRequest } from "../../proto/smb/query-info.ts";
import {
  aceFlag,
  aceType,
  descriptorBytes,
  descriptorControl,
  descriptorIn,
  securityPart,
  sidText,
  wellKnown,
  type Ace,
  type Descriptor,
  type Sid,
} from "../../proto/smb/security-descriptor.ts";
import { writeSetInfoRequest } from "../../proto/smb/set-info.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { TestClient, type Got } from "../../../test/smb/client.ts";
import { trialNeeds, trialPassword, trialSettings } from "../../../test/smb/trial-server.ts";
import { SmbConversation } from "./conversation.ts";
import { SmbHouse } from "./house.ts";

const { owner, group, dacl } = securityPart;
const own: Sid = { authority: 5, parts: [21, 1, 2, 3, 1001] };
const allow = (sid: Sid, mask: number, flags = 0): Ace => ({ type: aceType.allow, flags, mask, sid });
const deny = (sid: Sid, mask: number): Ace => ({ type: aceType.deny, flags: 0, mask, sid });
const rules = (entries: readonly Ace[]): Descriptor => ({
  control: 0,
  owner: own,
  group: undefined,
  dacl: entries,
});

const token = [own, wellKnown.everyone];
const cases: [what: string, entries: readonly Ace[], who: readonly Sid[], allowed: number][] = [
  ["nobody by an empty list", [], [wellKnown.everyone], 0],
  ["the owner reads and changes the rules", [], token, access.readControl | access.writeDac],
  ["what is denied first stays denied", [deny(own, 2), allow(own, 3)], [own, own], 0x60001],
  ["what is allowed first stays allowed", [allow(own, 3), deny(own, 2)], token, 0x60003],
  ["owner rights take the owner's away", [allow(wellKnown.ownerRights, 1)], token, 1],
  ["only handed down", [allow(wellKnown.everyone, 1, aceFlag.inheritOnly)], token, 0x60000],
  ["generic", [allow(wellKnown.everyone, access.genericAll)], [wellKnown.everyone], allAccess],
];
test.each(cases)("%s", (_what, entries, who, allowed) => {
  expect(allowedBy(rules(entries), who)).toBe(allowed);
});

test("a folder hands down what it is told to, to its maker by name", () => {
  const creator = { owner: own, group: wellKnown.users };
  const { objectInherit, containerInherit, inheritOnly, inherited } = aceFlag;
  const both = objectInherit | containerInherit;
  const parent: Descriptor = {
    ...rules([allow(wellKnown.creatorOwner, access.genericAll, both), allow(own, 1, objectInherit)]),
    control: descriptorControl.autoInherited,
  };
  expect(inheritedFrom(parent, false, creator).dacl).toEqual([
    allow(own, allAccess, inherited),
    allow(own, 1, inherited),
  ]);
  expect(inheritedFrom(parent, true, creator).dacl).toEqual([
    allow(own, allAccess, inherited),
    allow(wellKnown.creatorOwner, access.genericAll, both | inheritOnly | inherited),
    allow(own, 1, objectInherit | inheritOnly | inherited),
  ]);
  const bare = inheritedFrom(rules([allow(own, 1)]), false, creator);
  expect((bare.dacl as readonly Ace[]).map((ace) => sidText(ace.sid))).toEqual([sidText(own), "S-1-5-18"]);
});

test("a descriptor comes back as it was written, and garbage is none", () => {
  const u32 = fc.nat(0xffffffff);
  const sid = fc.record({ authority: fc.nat(2 ** 31), parts: fc.array(u32, { maxLength: 15 }) });
  const ace = fc.record({ type: fc.nat(1), flags: fc.nat(255), mask: u32, sid });
  const maybe = fc.option(sid, { nil: undefined });
  const some = fc.record({
    control: fc.constantFrom(0, 0x400, 0x1000, 0x1500),
    owner: maybe,
    group: maybe,
    dacl: fc.oneof(fc.constant(undefined), fc.constant("everyone" as const), fc.array(ace, { maxLength: 5 })),
  });
  fc.assert(fc.property(some, (one) => expect(descriptorIn(descriptorBytes(one))).toEqual(one)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void descriptorIn(bytes)));
  fc.assert(fc.property(u32, (mask) => expect(mapGeneric(mask) & 0xf000_0000).toBe(0)));
});

function trial() {
  const needs = trialNeeds();
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  let session = 1n;
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => session++ };
  return async (user: string) => {
    const client = new TestClient(new SmbConversation(house, trialSettings, ambience, "192.0.2.1"));
    await client.signIn({ user, domain: "", password: trialPassword });
    await client.connect("home");
    return client;
  };
}
const open = (client: TestClient, name: string, wanted: number, options = 0): Promise<Got> =>
  client.ask(command.create, (w) =>
    writeCreateRequest(w, {
      oplock: 0,
      impersonation: 2,
      access: wanted,
      attributes: 0,
      share: 7,
      disposition: 3,
      options,
      name,
      contexts: [],
    }),
  );
const fileOf = (got: Got): FileId => readCreateResponse(got.body()).file;
const setRules = (client: TestClient, file: FileId, what: Descriptor, parts: number = dacl): Promise<Got> =>
  client.ask(command.setInfo, (w) =>
    writeSetInfoRequest(w, {
      type: 3,
      infoClass: 0,
      additional: parts,
      file,
      data: descriptorBytes(what),
    }),
  );
async function rulesOf(client: TestClient, file: FileId): Promise<Descriptor> {
  const ask = { type: 3, infoClass: 0, outputLength: 4096, additional: owner | group | dacl, flags: 0 };
  const got = await client.ask(command.queryInfo, (w) =>
    writeQueryInfoRequest(w, { ...ask, file, input: new Uint8Array(0) }),
  );
  return descriptorIn(readOutputBody(got.body()))!;
}

test("rules that are set hold for others, and for what is made beneath", async () => {
  const client = trial();
  const [alice, bob] = [await client("alice"), await client("bob")];
  const folder = fileOf(await open(alice, "private", allAccess, 1));
  const before = await rulesOf(alice, folder);
  const mine = allow(before.owner!, allAccess, aceFlag.objectInherit | aceFlag.containerInherit);
  expect((await setRules(alice, folder, { ...before, dacl: [mine] })).status).toBe(0);
  expect((await open(bob, "private", access.readData, 1)).status).toBe(ntStatus.accessDenied);
  expect((await open(bob, "private\\his", allAccess)).status).toBe(ntStatus.accessDenied);
  const made = fileOf(await open(alice, "private\\hers", allAccess));
  expect((await rulesOf(alice, made)).dacl).toEqual([{ ...mine, flags: 0 }]);
  await alice.ask(command.close, (w) => writeCloseRequest(w, { wantsBasics: false, file: made }));
  expect((await open(bob, "private\\hers", access.readData)).status).toBe(ntStatus.accessDenied);
  expect((await open(alice, "private\\hers", access.readData)).status).toBe(0);
});

test("nobody gives a file away, or changes rules without the right to", async () => {
  const client = trial();
  const [alice, bob] = [await client("alice"), await client("bob")];
  const file = fileOf(await open(alice, "f", allAccess));
  const theirs = {
    ...(await rulesOf(alice, file)),
    owner: (await rulesOf(bob, fileOf(await open(bob, "g", allAccess)))).owner,
  };
  expect((await setRules(alice, file, theirs, owner)).status).toBe(ntStatus.invalidOwner);
  const reading = fileOf(await open(alice, "f", access.readData | access.readControl));
  expect((await setRules(alice, reading, rules([]))).status).toBe(ntStatus.accessDenied);
  expect((await open(alice, "f", access.systemSecurity | 1)).status).toBe(ntStatus.privilegeNotHeld);
});
