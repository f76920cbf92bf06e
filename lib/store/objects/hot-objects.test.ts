import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { must } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import { houseActor } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import { ChangeMarks } from "../change-marks.ts";
import type { NewObject, Objects } from "../objects.ts";
import { openStore, type Store } from "../open.ts";
import { hotObjects } from "./hot-objects.ts";

const place: { data?: string; one?: Store; other?: Store } = {};
const by = houseActor;
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

beforeAll(async () => {
  place.data = await mkdtemp(join(tmpdir(), "holdfast-hot-"));
  const needs = { clock: handClock(), log: silentLog };
  place.one = await openStore(place.data, { ...needs, entropy: seededEntropy(1) });
  place.other = await openStore(place.data, { ...needs, entropy: seededEntropy(2) });
  must(await place.one.objects.createBucket(by, { name: "hot", tenant: "main", owner: "o" }));
});
afterAll(async () => {
  await place.one?.[Symbol.asyncDispose]();
  await place.other?.[Symbol.asyncDispose]();
  await rm(place.data!, { recursive: true, force: true });
});

async function put(objects: Objects, key: string, text: string): Promise<void> {
  const bytes = utf8(text);
  const chunks = (async function* () {
    yield await Promise.resolve(bytes);
  })();
  must(await objects.put(by, { bucket: "hot", key }, { size: bytes.length, chunks }, plain));
}

async function text(objects: Objects, key: string): Promise<string> {
  const found = await objects.get({ bucket: "hot", key });
  return found.ok ? new TextDecoder().decode(found.value.content.bytes) : found.fault.code;
}

test("so is what is said of it, and that it is gone", async () => {
  const [one, other] = [place.one!.objects, place.other!.objects];
  const size = async (objects: Objects): Promise<number | string> => {
    const found = await objects.head({ bucket: "hot", key: "h" });
    return found.ok ? found.value.size : found.fault.code;
  };
  for (let i = 0; i < 100; i++) {
    const [writer, reader] = i % 2 ? [one, other] : [other, one];
    await put(writer, "h", "x".repeat(i));
    expect([await size(reader), await size(writer), await size(reader)]).toEqual([i, i, i]);
    if (i % 3) continue;
    must(await writer.remove(by, { bucket: "hot", key: "h" }, undefined, {}));
    expect([await size(reader), await size(writer)]).toEqual(["not-found", "not-found"]);
  }
});

test("what another process has changed is seen at once, every time", async () => {
  const [one, other] = [place.one!.objects, place.other!.objects];
  for (let i = 0; i < 200; i++) {
    const [writer, reader] = i % 2 ? [one, other] : [other, one];
    await put(writer, "k", `${i}`);
    expect([await text(reader, "k"), await text(writer, "k"), await text(reader, "k")]).toEqual(
      Array.from({ length: 3 }, () => `${i}`),
    );
  }
});

test("a removed object, a moved one and a changed bucket are not remembered", async () => {
  const [one, other] = [place.one!.objects, place.other!.objects];
  await put(one, "gone", "here");
  expect(await text(other, "gone")).toBe("here");
  must(await one.remove(by, { bucket: "hot", key: "gone" }));
  expect(await text(other, "gone")).toBe("not-found");

  await put(one, "from", "moved");
  expect(await text(other, "from")).toBe("moved");
  must(await one.move(by, "hot", "from", "to", { folder: false, replace: false }));
  expect([await text(other, "from"), await text(other, "to")]).toEqual(["not-found", "moved"]);

  expect(must(await other.bucket("hot")).quota).toEqual({});
  must(await one.changeBucket(by, "hot", { quota: { bytes: 5000 } }));
  expect(must(await other.bucket("hot")).quota).toEqual({ bytes: 5000 });
});

test("a second look at an unchanged object asks nobody; trust ends by itself", async () => {
  const clock = handClock();
  const marks = ChangeMarks.open(join(place.data!, "marks-of-their-own"))!;
  const asked: string[] = [];
  const inner = place.one!.objects;
  const counting: Objects = { ...inner, get: (name) => (asked.push(name.key), inner.get(name)) };
  const hot = hotObjects(counting, marks, clock);
  await put(inner, "still", "same");
  for (let i = 0; i < 5; i++) expect(await text(hot, "still")).toBe("same");
  expect(asked).toEqual(["still"]);
  clock.advance(2001);
  expect(await text(hot, "still")).toBe("same");
  expect(asked).toHaveLength(2);
});

test("readers beside a writer never go back to an older value once a newer was acknowledged", async () => {
  const [one, other] = [place.one!.objects, place.other!.objects];
  const acknowledged = { value: 0 };
  await put(one, "count", "0");
  const writing = (async () => {
    for (let i = 1; i <= 150; i++) {
      await put(one, "count", `${i}`);
      acknowledged.value = i;
    }
  })();
  const reading = (async () => {
    while (acknowledged.value < 150) {
      const least = acknowledged.value;
      expect(Number(await text(other, "count"))).toBeGreaterThanOrEqual(least);
      await Bun.sleep(0);
    }
  })();
  await Promise.all([writing, reading]);
});
