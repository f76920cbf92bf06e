import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../base/entropy.ts";
import { asUnixMs, handClock } from "../../base/time.ts";
import { silentLog } from "../../watch/log.ts";
import { openStore } from "../open.ts";

test("letters wait in their order, are tried again, given up, brought back and forgotten", async () => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-outbox-"));
  const needs = { clock: handClock(), entropy: seededEntropy(5), log: silentLog };
  try {
    const at = asUnixMs(1000);
    const letter = (queue: string, about: string) => ({ queue, at, about, body: `{"of":"${about}"}` });
    {
      await using store = await openStore(data, needs);
      const three = [letter("a", "1"), letter("a", "2"), letter("b", "3")];
      await store.outbox.add(three, { name: "collector", seq: 42 });
    }
    await using store = await openStore(data, needs);
    const { outbox, feed } = store;
    expect(await feed.cursor("collector")).toBe(42);
    const [first, second] = await outbox.waiting("a", 10);
    expect([first!.about, second!.about, first!.attempts]).toEqual(["1", "2", 0]);
    await outbox.failed(first!.id, "refused", asUnixMs(5000));
    expect((await outbox.waiting("a", 1))[0]).toMatchObject({ attempts: 1, error: "refused", dueAt: 5000 });
    await outbox.bury(first!.id, "no such list");
    await outbox.sent([second!.id]);
    expect(await outbox.state()).toEqual([
      { queue: "a", waiting: 0, dead: 1, oldest: undefined },
      { queue: "b", waiting: 1, dead: 0, oldest: at },
    ]);
    expect((await outbox.dead(undefined, "", 10)).rows.map(({ error }) => error)).toEqual(["no such list"]);
    expect(await outbox.revive("b")).toBe(0);
    expect(await outbox.revive("a", first!.id)).toBe(1);
    expect((await outbox.waiting("a", 10)).map(({ attempts }) => attempts)).toEqual([0]);
    await outbox.bury(first!.id, "again");
    expect(await outbox.forget("a")).toBe(1);
    expect((await outbox.state()).map(({ queue }) => queue)).toEqual(["b"]);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
