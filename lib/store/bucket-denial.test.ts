import { expect, test } from "bun:test";
import { utf8 } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { must, ok, type Result } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { houseActor, type Actor, type Door, type User } from "../rules/identity.ts";
import { guardObjects } from "./guard.ts";
import type { Identities } from "./identities.ts";
import { memoryObjects } from "./memory-objects.ts";
import type { NewObject, Objects } from "./objects.ts";

const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);

const owner: User = {
  id: "u1",
  name: "olga",
  tenant: "main",
  role: "user",
  groups: [],
  home: undefined,
  disabled: false,
  expiresAt: undefined,
  createdAt: handClock().wall(),
};
const identities = {
  user: async () => ok(owner),
  grants: async () => [],
} as Partial<Identities> as Identities;

const newObject: NewObject = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: [],
  expect: () => ({}),
  when: {},
};
const source = (text: string) => ({
  size: undefined,
  chunks: (async function* () {
    yield utf8(text);
  })(),
});
const at = (key: string) => ({ bucket: "house", key });

const statement = (more: object) => ({ Effect: "Deny", Principal: "*", ...more });
const arn = "arn:aws:s3:::house";

/** The bucket's owner, who may do all that the house's list says, at a door, under a policy. */
async function under(statements: readonly object[], from: { door?: Door; address?: string } = {}) {
  const clock = handClock();
  const objects = memoryObjects({ clock, entropy: seededEntropy(7) });
  must(await objects.createBucket(houseActor, { name: "house", tenant: "main", owner: "u1" }));
  for (const key of ["a", "open/1", "secret/2"]) {
    must(await objects.put(houseActor, at(key), source(key), newObject));
  }
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  must(await objects.changeBucket(houseActor, "house", { documents: { policy } }));
  const actor: Actor = {
    principal: { kind: "user", user: owner },
    door: from.door ?? "ftp",
    address: from.address ?? "192.0.2.7",
    request: "",
  };
  return guardObjects(objects, identities, actor, clock);
}

const read = async (objects: Objects, key: string): Promise<string> => code(await objects.get(at(key)));
const write = async (objects: Objects, key: string): Promise<string> =>
  code(await objects.put(houseActor, at(key), source("x"), newObject));
const keys = async (objects: Objects): Promise<string[]> => {
  const ask = { bucket: "house", prefix: "", delimiter: "", after: "", limit: 100 };
  return must(await objects.list(ask)).objects.map(({ key }) => key);
};

test("a Deny binds the owner at every door, on what it names and nothing else", async () => {
  const objects = await under([statement({ Action: "s3:GetObject", Resource: `${arn}/secret/*` })]);
  expect(await read(objects, "secret/2")).toBe("denied");
  expect(await read(objects, "open/1")).toBe("ok");
  expect(await write(objects, "secret/2")).toBe("ok");
});

test("an Allow gives nothing that the house's list does not, and takes nothing", async () => {
  const allow = { Effect: "Allow", Principal: "*", Action: "s3:*", Resource: `${arn}/*` };
  expect(await read(await under([allow]), "a")).toBe("ok");
});

test("a folder is moved only where nothing within can be refused", async () => {
  const move = async (statements: readonly object[]): Promise<string> =>
    code(
      await (
        await under(statements)
      ).move(houseActor, "house", "open/", "closed/", { folder: true, replace: false }),
    );
  expect(await move([statement({ Action: "s3:GetObject", Resource: `${arn}/open/1` })])).toBe("denied");
  expect(await move([statement({ Action: "s3:PutObject", Resource: `${arn}/*/x` })])).toBe("denied");
  expect(await move([statement({ Action: "s3:GetObjectAcl", Resource: `${arn}/*` })])).toBe("ok");
  const bob = { AWS: "arn:aws:iam::main:user/bob" };
  expect(await move([statement({ Principal: bob, Action: "s3:*", Resource: `${arn}/*` })])).toBe("ok");
});

test("a listing hides the prefixes that may not be listed", async () => {
  const Condition = { StringLike: { "s3:prefix": "secret/*" } };
  const objects = await under([statement({ Action: "s3:ListBucket", Resource: arn, Condition })]);
  expect(await keys(objects)).toEqual(["a", "open/1"]);
});

test("conditions look at who asks, from where and how", async () => {
  const all = { Action: "s3:*", Resource: [arn, `${arn}/*`] };
  const outside = [statement({ ...all, Condition: { NotIpAddress: { "aws:SourceIp": "192.0.2.0/24" } } })];
  expect(await read(await under(outside), "a")).toBe("ok");
  expect(await read(await under(outside, { address: "198.51.100.9" }), "a")).toBe("denied");
  const plain = [statement({ ...all, Condition: { Bool: { "aws:SecureTransport": "false" } } })];
  expect(await read(await under(plain, { door: "ftp" }), "a")).toBe("denied");
  expect(await read(await under(plain, { door: "smb" }), "a")).toBe("denied");
  expect(await read(await under(plain, { door: "sftp" }), "a")).toBe("ok");
  const olga = [statement({ ...all, Condition: { StringEquals: { "aws:username": "olga" } } })];
  expect(await read(await under(olga), "a")).toBe("denied");
});

test("a Deny that asks for an object's tags counts as met, for nobody looks at them here", async () => {
  const Condition = { StringEquals: { "s3:ExistingObjectTag/class": "secret" } };
  const objects = await under([statement({ Action: "s3:GetObject", Resource: `${arn}/*`, Condition })]);
  expect(await read(objects, "a")).toBe("denied");
});

test("a policy that cannot be read refuses everybody; the house itself is not asked", async () => {
  const clock = handClock();
  const objects = memoryObjects({ clock, entropy: seededEntropy(7) });
  must(await objects.createBucket(houseActor, { name: "house", tenant: "main", owner: "u1" }));
  must(await objects.changeBucket(houseActor, "house", { documents: { policy: "{" } }));
  const actor: Actor = { ...houseActor, principal: { kind: "user", user: owner }, door: "ftp" };
  expect(await write(guardObjects(objects, identities, actor, clock), "a")).toBe("denied");
  expect(await write(guardObjects(objects, identities, houseActor, clock), "a")).toBe("ok");
});
