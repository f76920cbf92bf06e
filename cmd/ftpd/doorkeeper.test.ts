import { expect, test } from "bun:test";
import { parsePrefix } from "../../lib/base/ip.ts";
import { must } from "../../lib/base/result.ts";
import { handClock } from "../../lib/base/time.ts";
import type { User } from "../../lib/rules/identity.ts";
import { silentLog } from "../../lib/watch/log.ts";
import type { FtpdConfig } from "./config.ts";
import type { Terms } from "../../lib/rules/terms.ts";
import { openTransferBook } from "../../lib/store/transfer-book.ts";
import { Doorkeeper } from "./doorkeeper.ts";

const guard: FtpdConfig["guard"] = {
  allow: [],
  deny: [],
  proxies: [],
  banThreshold: 3,
  banHalfLife: 60_000,
  banTime: 1000,
  banExempt: [parsePrefix("127.0.0.0/8")!],
  sessionsPerUser: 2,
  downloadRate: 0,
  uploadRate: 0,
  downloadRatePerUser: 0,
  uploadRatePerUser: 0,
};
const clock = handClock();
const keeperWith = (more: Partial<FtpdConfig["guard"]>): Doorkeeper =>
  new Doorkeeper({ ...guard, ...more }, clock, silentLog, { terms: { book: () => book }, transfers });
const book = new Map<string, Terms>();
const transfers = openTransferBook(":memory:");
const ann = { id: "1", name: "ann", groups: ["staff"] as readonly string[] } as User;

test("guesses ban the network for a while, and never the exempt ones", () => {
  const keeper = keeperWith({});
  for (let i = 0; i < 4; i++) {
    keeper.wrongPassword("2001:db8::1");
    keeper.wrongPassword("127.0.0.1");
  }
  expect(keeper.refusal("2001:db8::2")).toBe("banned");
  expect(keeper.refusal("2001:db8:0:1::2")).toBeUndefined();
  expect(keeper.refusal("127.0.0.1")).toBeUndefined();
  expect(keeper.bans()).toEqual([{ who: "2001:db8::/64", leftMs: 1000 }]);
  clock.advance(1001);
  expect(keeper.refusal("2001:db8::2")).toBeUndefined();
});

test("networks are allowed and denied, deny first", () => {
  const allow = [parsePrefix("192.0.2.0/24")!];
  const keeper = keeperWith({ allow, deny: [parsePrefix("192.0.2.9")!] });
  expect(keeper.refusal("192.0.2.8")).toBeUndefined();
  expect(keeper.refusal("192.0.2.9")).toContain("deny");
  expect(keeper.refusal("198.51.100.1")).toContain("allow");
});

test("a user has so many sessions, and gets them back", () => {
  const keeper = keeperWith({});
  const leave = must(keeper.admit(ann, "192.0.2.1"));
  must(keeper.admit(ann, "192.0.2.1"));
  expect(keeper.admit(ann, "192.0.2.1")).toMatchObject({ fault: { code: "too-many" } });
  leave();
  expect(keeper.admit(ann, "192.0.2.1").ok).toBe(true);
});

test("rates hold back, each way by itself", async () => {
  const keeper = keeperWith({ downloadRate: 1000, downloadRatePerUser: 1_000_000 });
  expect(keeper.pacer(ann, "in")).toBeUndefined();
  const pacer = keeper.pacer(ann, "out")!;
  expect(pacer.slice).toBe(1024);
  await pacer.pass(500);
  const started = performance.now();
  await pacer.pass(50);
  expect(performance.now() - started).toBeGreaterThan(40);
});

test("terms of use: networks, sessions, and what a group may move in a day", async () => {
  const keeper = keeperWith({});
  book.set("everyone", { networks: ["192.0.2.0/24"], sessions: 1 });
  book.set("group:staff", { downloadQuota: { bytes: 100, per: "day" } });
  expect(keeper.admit(ann, "198.51.100.1")).toMatchObject({ ok: false, fault: { code: "denied" } });
  const leave = must(keeper.admit(ann, "192.0.2.1"));
  expect(keeper.admit(ann, "192.0.2.1")).toMatchObject({ ok: false, fault: { code: "too-many" } });
  leave();
  const pacer = keeper.pacer(ann, "out")!;
  expect((await pacer.pass(60)).ok).toBe(true);
  expect(await keeper.pacer(ann, "out")!.pass(41)).toMatchObject({ ok: false, fault: { code: "quota" } });
  expect((await pacer.pass(40)).ok).toBe(true);
  expect(keeper.pacer(ann, "in")).toBeUndefined();
  clock.advance(86_400_000);
  expect((await pacer.pass(100)).ok).toBe(true);
  book.clear();
});
