import { expect } from "bun:test";
import { must } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import { lockDocument } from "../rules/retention.ts";
import { actor, at, checker, expectFault, makeBucket, put } from "./objects-stage.conformance.ts";
import { read } from "./objects-stage.conformance.ts";
import type { OpenObjects, Stage } from "./objects-stage.conformance.ts";

const dayMs = 86_400_000;

async function lockedBucket(s: Stage, retention: object = {}): Promise<void> {
  const { name } = await makeBucket(s, { versioning: "enabled" });
  const documents = { [lockDocument]: JSON.stringify(retention) };
  must(await s.objects.changeBucket(actor, name, { documents }));
}

export function lockChecks(open: OpenObjects): void {
  const check = checker(open);

  check("object lock needs versioning, and then both stay", async (s) => {
    const { name } = await makeBucket(s);
    const on = { documents: { [lockDocument]: "{}" } };
    expectFault(await s.objects.changeBucket(actor, name, on), "conflict");
    must(await s.objects.changeBucket(actor, name, { ...on, versioning: "enabled" }));
    expectFault(await s.objects.changeBucket(actor, name, { versioning: "suspended" }), "conflict");
    expectFault(
      await s.objects.changeBucket(actor, name, { documents: { [lockDocument]: null } }),
      "conflict",
    );
    must(await s.objects.changeBucket(actor, name, { documents: { [lockDocument]: "{}" } }));
  });

  check("the bucket's default is given to whoever asks none", async (s) => {
    await lockedBucket(s, { mode: "governance", days: 1 });
    const made = await put(s, "a", "1");
    expect(made.lock).toEqual({
      mode: "governance",
      until: asUnixMs(made.createdAt + dayMs),
      legalHold: false,
    });
    expectFault(await s.objects.remove(actor, at("a"), made.version), "retained");
    must(await s.objects.remove(actor, at("a"), made.version, { bypassGovernance: true }));
  });

  check("a lock is set, lengthened, and not bent", async (s) => {
    await lockedBucket(s);
    const { version, createdAt } = await put(s, "a", "1");
    const until = (days: number) => asUnixMs(createdAt + days * dayMs);
    const to = (mode: "governance" | "compliance", days: number, bypass = false) =>
      s.objects.setLock(actor, at("a"), version, { retention: { mode, until: until(days) }, bypass });
    expect(must(await to("governance", 2)).lock.until).toBe(until(2));
    expectFault(await to("governance", 1), "retained");
    expect(must(await to("governance", 1, true)).lock.until).toBe(until(1));
    must(await to("compliance", 3));
    expectFault(await to("governance", 9, true), "retained");
    expectFault(await s.objects.remove(actor, at("a"), version, { bypassGovernance: true }), "retained");
    const marker = must(await s.objects.remove(actor, at("a")));
    expect(marker.deleteMarker).toBe(true);
    expect(await read(s, "a", version)).toBe("1");
    expectFault(
      await s.objects.setLock(actor, at("a"), undefined, { legalHold: true, bypass: false }),
      "not-found",
    );
  });

  check("a legal hold keeps until it is lifted", async (s) => {
    await lockedBucket(s);
    const { version } = await put(s, "a", "1");
    const hold = (legalHold: boolean) =>
      s.objects.setLock(actor, at("a"), version, { legalHold, bypass: false });
    must(await hold(true));
    expectFault(await s.objects.remove(actor, at("a"), version, { bypassGovernance: true }), "retained");
    must(await hold(false));
    must(await s.objects.remove(actor, at("a"), version));
  });

  check("a bucket without object lock takes none", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    await put(s, "a", "1");
    expectFault(
      await s.objects.setLock(actor, at("a"), undefined, { legalHold: true, bypass: false }),
      "conflict",
    );
  });
}
