import { expect } from "bun:test";
import { must } from "../base/result.ts";
import { replicationStatus } from "./objects.ts";
import { actor, at, checker, expectFault, makeBucket, put } from "./objects-stage.conformance.ts";
import { newObject, tryPut, versionsAll, type OpenObjects } from "./objects-stage.conformance.ts";

export function replicaChecks(open: OpenObjects): void {
  const check = checker(open);

  check("a replica has its source's version id, and comes once", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const when = { replica: "v-1" };
    expect((await put(s, "a", "x", { when })).version).toBe("v-1");
    expectFault(await tryPut(s, "a", "x", { when }), "conflict");
    const marker = { replica: "m-1" };
    expect(must(await s.objects.remove(actor, at("a"), undefined, marker)).version).toBe("m-1");
    expect(must(await s.objects.remove(actor, at("a"), undefined, marker)).version).toBe("m-1");
    expect(await versionsAll(s, 10)).toEqual(["a@m-1!", "a@v-1"]);
    const from = { ...at("a"), version: "v-1" };
    const copy = { from, to: at("b"), facts: undefined, when: { replica: "v-2" }, digests: [] };
    expect(must(await s.objects.copy(actor, copy)).version).toBe("v-2");
  });

  check("without versions a replica is the null version, and an empty id is anybody's", async (s) => {
    await makeBucket(s);
    expect((await put(s, "a", "x", { when: { replica: "v-1" } })).version).toBe("null");
    must(await s.objects.changeBucket(actor, "house", { versioning: "enabled" }));
    expect((await put(s, "a", "x", { when: { replica: "" } })).version).not.toBe("");
  });

  check("how a version stands with its replication is said beside the rest, and not copied", async (s) => {
    await makeBucket(s);
    const headers = { "cache-control": "no-store" };
    await put(s, "a", "x", newObject({ headers, tags: { k: "v" } }));
    must(await s.objects.describe(actor, at("a"), undefined, { replication: "COMPLETED" }));
    const told = must(await s.objects.head(at("a")));
    expect([told.headers, told.tags]).toEqual([{ ...headers, [replicationStatus]: "COMPLETED" }, { k: "v" }]);
    const from = { ...at("a"), version: undefined };
    const made = await s.objects.copy(actor, { from, to: at("b"), facts: undefined, when: {}, digests: [] });
    expect(must(made).headers).toEqual(headers);
  });
}
