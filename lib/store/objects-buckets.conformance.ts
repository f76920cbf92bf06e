import { expect } from "bun:test";
import { must } from "../base/result.ts";
import {
  actor,
  at,
  checker,
  expectFault,
  makeBucket,
  newObject,
  put,
  read,
} from "./objects-stage.conformance.ts";
import { remove, source, tryPut, type OpenObjects } from "./objects-stage.conformance.ts";

export function bucketChecks(open: OpenObjects): void {
  const check = checker(open);

  check("a bucket is made once, and says whose it is", async (s) => {
    expect(await makeBucket(s)).toMatchObject({
      name: "house",
      tenant: "t1",
      owner: "u1",
      versioning: "off",
    });
    const again = await s.objects.createBucket(actor, { name: "house", tenant: "t2", owner: "u2" });
    expect(again).toMatchObject({ ok: false, fault: { code: "exists", where: "u1" } });
    expect(must(await s.objects.bucket("house")).owner).toBe("u1");
  });

  check("names that S3 refuses are refused", async (s) => {
    for (const name of ["", "ab", "Upper", "a..b", "-ab", "192.168.0.1", "../etc", "a/b", "x".repeat(64)]) {
      expectFault(await s.objects.createBucket(actor, { name, tenant: "t1", owner: "u1" }), "bad-name");
    }
  });

  check("buckets are paged in byte order, each tenant's alone", async (s) => {
    for (const name of ["b-3", "b-1", "b.2", "b-2", "b10"]) await makeBucket(s, { name });
    await makeBucket(s, { name: "other", tenant: "t2" });
    for (const limit of [1, 2, 5, 1000]) {
      const found: string[] = [];
      for (let after: string | undefined = ""; after !== undefined;) {
        const page = await s.objects.buckets("t1", after, limit);
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        found.push(...page.rows.map(({ name }) => name));
        after = page.next;
      }
      expect(found).toEqual(["b-1", "b-2", "b-3", "b.2", "b10"]);
    }
  });

  check("documents are set, kept and removed", async (s) => {
    await makeBucket(s);
    must(await s.objects.changeBucket(actor, "house", { documents: { cors: "<a/>", policy: "{}" } }));
    must(await s.objects.changeBucket(actor, "house", { documents: { cors: null } }));
    expect(must(await s.objects.bucket("house")).documents).toEqual({ policy: "{}" });
  });

  check("versioning goes on and is suspended, never off again", async (s) => {
    await makeBucket(s);
    for (const versioning of ["enabled", "suspended", "enabled"] as const) {
      expect(must(await s.objects.changeBucket(actor, "house", { versioning })).versioning).toBe(versioning);
    }
    expectFault(await s.objects.changeBucket(actor, "house", { versioning: "off" }), "conflict");
  });

  check("only an empty bucket goes: objects, markers and uploads hold it", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const version = await put(s, "a", "x");
    expectFault(await s.objects.deleteBucket(actor, "house"), "not-empty");
    const marker = must(await s.objects.remove(actor, at("a")));
    await remove(s, "a", version.version);
    expectFault(await s.objects.deleteBucket(actor, "house"), "not-empty");
    await remove(s, "a", marker.version);
    const { when: _, expect: __, ...facts } = newObject();
    const upload = must(await s.objects.createUpload(actor, at("a"), { ...facts, digestsOf: "object" }));
    expectFault(await s.objects.deleteBucket(actor, "house"), "not-empty");
    must(await s.objects.abortUpload(actor, at("a"), upload.id));
    must(await s.objects.deleteBucket(actor, "house"));
    expectFault(await s.objects.bucket("house"), "not-found");
  });

  check("a bucket that is not there has nothing", async (s) => {
    const ask = { bucket: "house", prefix: "", delimiter: "", after: "", limit: 10 };
    expectFault(await s.objects.list(ask), "not-found");
    expectFault(await s.objects.listVersions({ ...ask, afterVersion: "" }), "not-found");
    expectFault(await s.objects.uploads({ ...ask, afterId: "" }), "not-found");
    expectFault(await s.objects.head(at("a")), "not-found");
    expectFault(await s.objects.get(at("a")), "not-found");
    expectFault(await s.objects.remove(actor, at("a")), "not-found");
    expectFault(await tryPut(s, "a", "x"), "not-found");
    expectFault(await s.objects.usage("house"), "not-found");
    expectFault(await s.objects.deleteBucket(actor, "house"), "not-found");
    expectFault(await s.objects.changeBucket(actor, "house", {}), "not-found");
  });

  check("usage counts every kept version, and nothing that is gone", async (s) => {
    await makeBucket(s);
    const usage = async (): Promise<unknown> => must(await s.objects.usage("house"));
    await put(s, "a", "12345");
    await put(s, "a", "123");
    await put(s, "b", "");
    expect(await usage()).toEqual({ bytes: 3, objects: 2 });
    must(await s.objects.changeBucket(actor, "house", { versioning: "enabled" }));
    const second = await put(s, "a", "1234");
    await remove(s, "a");
    expect(await usage()).toEqual({ bytes: 7, objects: 3 });
    await remove(s, "a", second.version);
    await remove(s, "a", second.version);
    expect(await usage()).toEqual({ bytes: 3, objects: 2 });
  });

  check("quota is exact under a hundred writers at once", async (s) => {
    await makeBucket(s, { quota: { bytes: 1000 } });
    const puts = Array.from({ length: 100 }, (_, i) => tryPut(s, `k${i}`, "x".repeat(30)));
    const results = await Promise.all(puts);
    expect(results.filter((r) => r.ok).length).toBe(33);
    for (const r of results) if (!r.ok) expectFault(r, "quota");
    expect(must(await s.objects.usage("house"))).toEqual({ bytes: 990, objects: 33 });
  });

  check("what quota refuses leaves the old object; what shrinks always fits", async (s) => {
    await makeBucket(s, { quota: { bytes: 10, objects: 2 } });
    await put(s, "a", "12345");
    expectFault(await tryPut(s, "a", "12345678901"), "quota");
    expect(await read(s, "a")).toBe("12345");
    await put(s, "a", "1234567890");
    await put(s, "b", "");
    expectFault(await tryPut(s, "c", ""), "quota");
    must(await s.objects.changeBucket(actor, "house", { quota: { bytes: 5 } }));
    await put(s, "a", "1234567");
    await put(s, "c", "");
    expectFault(await tryPut(s, "c", "1"), "quota");
    const unsized = { ...source("123456789012"), size: undefined };
    expectFault(await s.objects.put(actor, at("a"), unsized, newObject()), "quota");
    expect(await read(s, "a")).toBe("1234567");
  });
}
