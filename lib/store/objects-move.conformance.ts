import { expect } from "bun:test";
import { must, type Result } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import type { CopyAsk, ObjectVersion } from "./objects.ts";
import {
  actor,
  at,
  checker,
  expectFault,
  listAll,
  makeBucket,
  newObject,
} from "./objects-stage.conformance.ts";
import { put, read, remove, versionsAll } from "./objects-stage.conformance.ts";
import type { OpenObjects, Stage } from "./objects-stage.conformance.ts";

export function moveChecks(open: OpenObjects): void {
  const check = checker(open);

  check("a copy has the bytes and what was said, or what is said now", async (s) => {
    await makeBucket(s);
    const from = await put(s, "a", "hello", { contentType: "x/y", metadata: { k: "v" }, digests: ["sha1"] });
    const same = must(await copy(s, "a", "b"));
    expect(same).toMatchObject({
      key: "b",
      etag: from.etag,
      size: 5,
      contentType: "x/y",
      metadata: { k: "v" },
    });
    expect(same.digests).toEqual(from.digests);
    const { contentType, headers, metadata, tags, modifiedAt } = newObject({ contentType: "z/z" });
    const facts = { contentType, headers, metadata, tags, modifiedAt };
    expect(must(await copy(s, "a", "c", { facts }))).toMatchObject({ contentType: "z/z", metadata: {} });
    await remove(s, "a");
    expect([await read(s, "b"), await read(s, "c")]).toEqual(["hello", "hello"]);
    expectFault(await copy(s, "a", "d"), "not-found");
  });

  check("a copy of an older version, between buckets, under conditions and quota", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    await makeBucket(s, { name: "other", quota: { bytes: 5 } });
    const { version } = await put(s, "a", "old");
    await put(s, "a", "newer");
    await remove(s, "a");
    const to = { bucket: "other", key: "a" };
    must(await copy(s, "a", "a", { to, from: { ...at("a"), version } }));
    expectFault(await copy(s, "a", "a", { to }), "not-found");
    const again = { to, from: { ...at("a"), version }, when: { ifNoneMatch: "any" } as const };
    expectFault(await copy(s, "a", "a", again), "precondition");
    expectFault(await copy(s, "a", "b", { ...again, to: { ...to, key: "b" } }), "quota");
  });

  check("a move takes everything along under the new name", async (s) => {
    await makeBucket(s);
    const facts = { metadata: { k: "v" }, tags: { t: "1" }, modifiedAt: asUnixMs(99) };
    const before = await put(s, "a", "1", facts);
    must(await s.objects.move(actor, "house", "a", "b/c", { folder: false, replace: false }));
    expect(must(await s.objects.head(at("b/c")))).toMatchObject({ ...facts, etag: before.etag, size: 1 });
    expect(await listAll(s, 10)).toEqual(["b/c"]);
    expect(must(await s.objects.usage("house"))).toEqual({ bytes: 1, objects: 1 });
    expectFault(await s.objects.head(at("a")), "not-found");
  });

  check("a move asks before it takes a name", async (s) => {
    await makeBucket(s, { quota: { bytes: 3 } });
    await put(s, "a", "1");
    await put(s, "b", "22");
    const how = { folder: false, replace: false };
    expectFault(await s.objects.move(actor, "house", "a", "b", how), "exists");
    expectFault(await s.objects.move(actor, "house", "nope", "c", how), "not-found");
    expectFault(await s.objects.move(actor, "nope", "a", "c", how), "not-found");
    expectFault(await s.objects.move(actor, "house", "a", "x".repeat(1025), how), "bad-name");
    expect([await read(s, "a"), await read(s, "b")]).toEqual(["1", "22"]);
    must(await s.objects.move(actor, "house", "a", "b", { folder: false, replace: true }));
    expect(await listAll(s, 10)).toEqual(["b"]);
    expect(must(await s.objects.usage("house"))).toEqual({ bytes: 1, objects: 1 });
  });

  check("a folder moves with all that is in it, in one step", async (s) => {
    await makeBucket(s);
    for (const key of ["a/", "a/1", "a/b/2", "a/b/", "a0", "ab/3", "a"]) await put(s, key, key);
    must(await s.objects.move(actor, "house", "a/", "z/y/", { folder: true, replace: false }));
    expect(await listAll(s, 10)).toEqual(["a", "a0", "ab/3", "z/y/", "z/y/1", "z/y/b/", "z/y/b/2"]);
    expect(await read(s, "z/y/b/2")).toBe("a/b/2");
    const how = { folder: true, replace: true };
    expectFault(await s.objects.move(actor, "house", "z/", "z/y/", how), "invalid");
    expectFault(await s.objects.move(actor, "house", "q/", "r/", how), "not-found");
    expectFault(await s.objects.move(actor, "house", "z/", "x".repeat(1020), how), "bad-name");
    expect(await read(s, "z/y/1")).toBe("a/1");
  });

  check("a folder takes the place of an empty one at most", async (s) => {
    await makeBucket(s);
    for (const key of ["a/1", "b/", "c/2"]) await put(s, key, "x");
    const to = (name: string, replace: boolean): Promise<Result<void>> =>
      s.objects.move(actor, "house", "a/", name, { folder: true, replace });
    expectFault(await to("b/", false), "exists");
    expectFault(await to("c/", true), "exists");
    must(await to("b/", true));
    expect((await listAll(s, 10)).filter((key) => key !== "b/")).toEqual(["b/1", "c/2"]);
  });

  check("in a versioned bucket older versions stay, below a marker", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const old = await put(s, "a", "1");
    await put(s, "a", "2");
    const target = await put(s, "b", "was");
    s.clock.advance(5);
    must(await s.objects.move(actor, "house", "a", "b", { folder: false, replace: true }));
    expect(await listAll(s, 10)).toEqual(["b"]);
    expect(await read(s, "b")).toBe("2");
    const marker = must(await s.objects.head(at("a")));
    const moved = must(await s.objects.head(at("b")));
    expect(marker.deleteMarker).toBe(true);
    const rows = [`a@${marker.version}!`, `a@${old.version}`, `b@${moved.version}`, `b@${target.version}`];
    expect(await versionsAll(s, 10)).toEqual(rows);
    expect(must(await s.objects.usage("house"))).toEqual({ bytes: 5, objects: 3 });
    s.clock.advance(5);
    must(await s.objects.move(actor, "house", "b", "c", { folder: false, replace: false }));
    must(await s.objects.move(actor, "house", "c", "d", { folder: false, replace: false }));
    expect((await versionsAll(s, 10, "c")).length).toBe(0);
  });
}

function copy(
  s: Stage,
  from: string,
  to: string,
  more: Partial<CopyAsk> = {},
): Promise<Result<ObjectVersion>> {
  s.clock.advance(5);
  const plain = {
    from: { ...at(from), version: undefined },
    to: at(to),
    facts: undefined,
    when: {},
    digests: [],
  };
  return s.objects.copy(actor, { ...plain, ...more });
}
