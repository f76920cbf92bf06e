import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../base/entropy.ts";
import { must, type Result } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import { silentLog } from "../../watch/log.ts";
import type { LeaseRight, NewLease } from "../leases.ts";
import { openStore } from "../open.ts";

const code = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);

async function stage() {
  const data = await mkdtemp(join(tmpdir(), "holdfast-leases-"));
  const clock = handClock();
  const needs = { clock, entropy: seededEntropy(3), log: silentLog };
  const [one, two] = [await openStore(data, needs), await openStore(data, needs)];
  return {
    clock,
    here: one.leases,
    there: two.leases,
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

const lease = (holder: string, access: LeaseRight[], shares: LeaseRight[], name = "house/a"): NewLease => ({
  name,
  holder,
  mode: { access, shares },
  note: `held by ${holder}`,
  ttlMs: 10_000,
});

test("two that share may both have it; one that does not share is told who has it", async () => {
  await using s = await stage();
  must(await s.here.acquire(lease("a", ["read"], ["read", "write"])));
  must(await s.there.acquire(lease("b", ["read", "write"], ["read"])));
  const refused = await s.here.acquire(lease("c", ["read"], ["read"]));
  expect(refused).toMatchObject({ fault: { code: "busy", where: "held by b" } });
  expect(code(await s.here.acquire(lease("c", ["write"], ["read", "write"])))).toBe("busy");
  expect((await s.here.holders("house/a")).map(({ holder }) => holder)).toEqual(["a", "b"]);
  must(await s.there.release("house/a", "b"));
  expect(code(await s.here.acquire(lease("c", ["read"], ["read"])))).toBe("ok");
});

test("a lease ends by itself unless renewed, and cannot be renewed after", async () => {
  await using s = await stage();
  must(await s.here.acquire(lease("a", ["write"], [])));
  s.clock.advance(9_000);
  must(await s.here.renew("house/a", "a", 10_000));
  s.clock.advance(9_000);
  expect(code(await s.there.acquire(lease("b", ["write"], [])))).toBe("busy");
  s.clock.advance(1_000);
  must(await s.there.acquire(lease("b", ["write"], [])));
  expect(code(await s.here.renew("house/a", "a", 10_000))).toBe("not-found");
  must(await s.here.release("house/a", "a"));
});

test("the holder may change its own mode, and all below a prefix are listed", async () => {
  await using s = await stage();
  must(await s.here.acquire(lease("a", ["read"], [])));
  must(await s.here.acquire(lease("a", ["read", "write", "delete"], ["read"])));
  must(await s.here.acquire(lease("b", [], [], "house/b")));
  must(await s.here.acquire(lease("c", [], [], "other/c")));
  const all = await s.there.under("house/", 10);
  expect(all.map(({ name, mode }) => [name, mode.access.length])).toEqual([
    ["house/a", 3],
    ["house/b", 0],
  ]);
});

test("of many at once one alone gets it", async () => {
  await using s = await stage();
  const asks = Array.from({ length: 20 }, (_, i) =>
    (i % 2 ? s.here : s.there).acquire(lease(`h${i}`, ["write"], [])),
  );
  expect((await Promise.all(asks)).filter(({ ok }) => ok)).toHaveLength(1);
});
