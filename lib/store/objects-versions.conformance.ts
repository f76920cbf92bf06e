import { expect } from "bun:test";
import { must } from "../base/result.ts";
import type { LockState, Versioning } from "./objects.ts";
import {
  actor,
  at,
  checker,
  expectFault,
  later,
  listAll,
  makeBucket,
  put,
} from "./objects-stage.conformance.ts";
import { read, remove, tryPut, versionsAll } from "./objects-stage.conformance.ts";
import type { OpenObjects, Stage } from "./objects-stage.conformance.ts";

export function versionChecks(open: OpenObjects): void {
  const check = checker(open);

  check("each put is a version, the newest first and latest", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const made = [await put(s, "a", "1"), await put(s, "a", "2"), await put(s, "a", "3")];
    const ids = made.map(({ version }) => version);
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain("null");
    expect(await versionsAll(s, 10)).toEqual(ids.toReversed().map((id) => `a@${id}`));
    expect(await Promise.all(ids.map((id) => read(s, "a", id)))).toEqual(["1", "2", "3"]);
    expect(must(await s.objects.head(at("a"))).version).toBe(ids[2]!);
    expect(must(await s.objects.head(at("a"), ids[1]))).toEqual({ ...made[1]!, latest: false });
    expectFault(await s.objects.head(at("a"), "null"), "not-found");
    expectFault(await s.objects.get(at("b"), ids[0]), "not-found");
  });

  check("versions made in the same millisecond keep their order", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push(must(await tryPut(s, "a", `${i}`)).version);
    expect(await versionsAll(s, 3)).toEqual(ids.toReversed().map((id) => `a@${id}`));
  });

  check("a delete leaves a marker, and removing the marker brings it back", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const { version } = await put(s, "a", "1");
    const removed = must(await s.objects.remove(actor, at("a")));
    expect(removed.deleteMarker).toBe(true);
    expect(must(await s.objects.head(at("a")))).toMatchObject({
      deleteMarker: true,
      version: removed.version,
    });
    expectFault(await s.objects.get(at("a")), "not-found");
    expectFault(await s.objects.get(at("a"), removed.version), "not-found");
    expect(await read(s, "a", version)).toBe("1");
    expect(await listAll(s, 10)).toEqual([]);
    const gone = must(await s.objects.remove(actor, at("a"), removed.version));
    expect(gone).toEqual({ version: removed.version, deleteMarker: true });
    expect(await read(s, "a")).toBe("1");
    expect(must(await s.objects.head(at("a"))).latest).toBe(true);
  });

  check("removing the latest version makes its predecessor current", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    await put(s, "a", "1");
    const { version } = await put(s, "a", "2");
    expect(must(await s.objects.remove(actor, at("a"), version))).toEqual({ version, deleteMarker: false });
    expect(must(await s.objects.remove(actor, at("a"), version)).version).toBeUndefined();
    expect(await read(s, "a")).toBe("1");
    expect(must(await s.objects.head(at("a"))).latest).toBe(true);
  });

  check("a name that never was is marked all the same", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const { version } = must(await s.objects.remove(actor, at("a")));
    expect(await versionsAll(s, 10)).toEqual([`a@${version}!`]);
  });

  check("suspended: the null version alone is replaced, the others stay", async (s) => {
    await makeBucket(s);
    await put(s, "a", "0");
    await setVersioning(s, "enabled");
    const { version } = await put(s, "a", "1");
    expect(await versionsAll(s, 10)).toEqual([`a@${version}`, "a@null"]);
    await setVersioning(s, "suspended");
    expect((await put(s, "a", "2")).version).toBe("null");
    expect((await put(s, "a", "3")).version).toBe("null");
    expect(await versionsAll(s, 10)).toEqual(["a@null", `a@${version}`]);
    expect([await read(s, "a"), await read(s, "a", "null"), await read(s, "a", version)]).toEqual([
      "3",
      "3",
      "1",
    ]);
    expect(must(await s.objects.remove(actor, at("a")))).toEqual({ version: "null", deleteMarker: true });
    expect(await versionsAll(s, 10)).toEqual(["a@null!", `a@${version}`]);
    await setVersioning(s, "enabled");
    const newest = await put(s, "a", "4");
    expect(await versionsAll(s, 1)).toEqual([`a@${newest.version}`, "a@null!", `a@${version}`]);
  });

  check("versions page exactly, at every size, with and without a delimiter", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const expected: string[] = [];
    for (const key of ["a", "a/b", "a/c", "b", "\uffff", "\u{1f600}"]) {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.unshift(`${key}@${(await put(s, key, "x")).version}`);
      if (key === "b") ids.unshift(`${key}@${must(await s.objects.remove(actor, at(key))).version}!`);
      expected.push(...ids);
    }
    for (const limit of [1, 2, 3, 4, 1000]) {
      expect(await versionsAll(s, limit)).toEqual(expected);
      const rolled = [...expected.filter((row) => !row.startsWith("a/")), "a/…"];
      expect((await versionsAll(s, limit, "", "/")).toSorted()).toEqual(rolled.toSorted());
      expect(await versionsAll(s, limit, "a/")).toEqual(expected.filter((row) => row.startsWith("a/")));
    }
  });

  check("a locked version stays until its time; markers may cover it", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const lock: LockState = { mode: "compliance", until: later(s, 60_000), legalHold: false };
    const { version } = await put(s, "a", "1", { lock });
    expect(must(await s.objects.head(at("a"))).lock).toEqual(lock);
    expectFault(await s.objects.remove(actor, at("a"), version), "retained");
    await put(s, "a", "2");
    expect(must(await s.objects.remove(actor, at("a"))).deleteMarker).toBe(true);
    expect(await read(s, "a", version)).toBe("1");
    s.clock.advance(60_000);
    expect(must(await s.objects.remove(actor, at("a"), version)).version).toBe(version);
  });

  check("a legal hold has no end of its own", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const lock: LockState = { mode: "none", until: undefined, legalHold: true };
    const { version } = await put(s, "a", "1", { lock });
    s.clock.advance(1e12);
    expectFault(await s.objects.remove(actor, at("a"), version), "retained");
  });

  check("a locked null version is neither removed nor replaced", async (s) => {
    await makeBucket(s);
    const lock: LockState = { mode: "governance", until: later(s, 60_000), legalHold: false };
    await put(s, "a", "1", { lock });
    expectFault(await tryPut(s, "a", "2"), "retained");
    expectFault(await s.objects.remove(actor, at("a")), "retained");
    const how = { folder: false, replace: true };
    expectFault(await s.objects.move(actor, "house", "a", "b", how), "retained");
    await put(s, "b", "2");
    expectFault(await s.objects.move(actor, "house", "b", "a", how), "retained");
    expect([await read(s, "a"), await read(s, "b")]).toEqual(["1", "2"]);
    s.clock.advance(60_000);
    await remove(s, "a");
  });

  check("describe changes the version it names, and never a marker", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const first = await put(s, "a", "1");
    await put(s, "a", "2");
    must(await s.objects.describe(actor, at("a"), first.version, { tags: { x: "1" } }));
    expect(must(await s.objects.head(at("a"), first.version)).tags).toEqual({ x: "1" });
    expect(must(await s.objects.head(at("a"))).tags).toEqual({});
    await remove(s, "a");
    expectFault(await s.objects.describe(actor, at("a"), undefined, { tags: {} }), "not-found");
  });
}

async function setVersioning(s: Stage, versioning: Versioning): Promise<void> {
  must(await s.objects.changeBucket(actor, "house", { versioning }));
}
