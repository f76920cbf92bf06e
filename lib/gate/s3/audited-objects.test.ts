import { expect, test } from "bun:test";
import { utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { must } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import type { AuditEntry } from "../../rules/audit.ts";
import type { Actor } from "../../rules/identity.ts";
import { memoryObjects } from "../../store/memory-objects.ts";
import type { NewObject, Objects } from "../../store/objects.ts";
import { auditedObjects } from "./audited-objects.ts";

const by: Actor = { principal: { kind: "house" }, door: "s3", address: "192.0.2.7", request: "R1" };
const plain: NewObject = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: [],
  expect: () => ({}),
  when: {},
};

function house(): { objects: Objects; entries: AuditEntry[] } {
  const entries: AuditEntry[] = [];
  const clock = handClock();
  const inner = memoryObjects({ clock, entropy: seededEntropy(1) });
  return { objects: auditedObjects(inner, { tell: (entry) => void entries.push(entry) }, clock), entries };
}

async function* body(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(utf8(text));
}

test("every change has its line, with who did it and what came of it", async () => {
  const { objects, entries } = house();
  must(await objects.createBucket(by, { name: "b-1", tenant: "main", owner: "o" }));
  const name = { bucket: "b-1", key: "k" };
  must(await objects.put(by, name, { size: 5, chunks: body("hello") }, plain));
  must(await objects.move(by, "b-1", "k", "moved", { folder: false, replace: false }));
  must(await objects.remove(by, { bucket: "b-1", key: "moved" }));
  must(await objects.deleteBucket(by, "b-1"));
  expect(entries.map(({ verb, target, outcome }) => [verb, target, outcome])).toEqual([
    ["bucket.create", "b-1", "ok"],
    ["object.write", "b-1/k", "ok"],
    ["object.rename", "b-1/moved", "ok"],
    ["object.delete", "b-1/moved", "ok"],
    ["bucket.delete", "b-1", "ok"],
  ]);
  expect(entries[1]).toMatchObject({ actor: by, detail: { bytes: 5 } });
  expect(entries[2]).toMatchObject({ detail: { from: "b-1/k" } });
});

test("what is refused is told with the fault's code; reading is not told here", async () => {
  const { objects, entries } = house();
  const name = { bucket: "absent", key: "k" };
  await objects.put(by, name, { size: 2, chunks: body("xy") }, plain);
  await objects.get(name);
  expect(entries).toMatchObject([{ verb: "object.write", target: "absent/k", outcome: "not-found" }]);
});
