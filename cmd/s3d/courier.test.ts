import { expect, test } from "bun:test";
import { asUnixMs, handClock } from "../../lib/base/time.ts";
import type { Letter, Outbox } from "../../lib/store/outbox.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { Courier } from "./courier.ts";
import { refused, sent, unreachable, type Delivery } from "./targets/target.ts";

/** Runs a courier over letters until nothing is left, its addressee answering as told. */
async function carried(answers: readonly Delivery[], ageMs = 0) {
  const clock = handClock();
  const letter = (id: number): Letter => ({
    id,
    queue: "q",
    at: asUnixMs(clock.wall() - ageMs),
    about: "",
    body: String(id),
    attempts: 0,
    dueAt: asUnixMs(0),
    error: "",
  });
  let left: Letter[] = [letter(1), letter(2)];
  const told: string[] = [];
  const stop = new AbortController();
  const without = (ids: readonly number[]): void => {
    left = left.filter(({ id }) => !ids.includes(id));
    if (left.length === 0) stop.abort();
  };
  const outbox: Partial<Outbox> = {
    waiting: async () => left,
    sent: async (ids) => without(ids),
    async failed(id, error, dueAt) {
      told.push(`failed ${id}: ${error}`);
      clock.advance(Math.max(dueAt - clock.wall(), 0));
      left = left.map((one) => (one.id === id ? { ...one, attempts: one.attempts + 1, dueAt } : one));
    },
    async bury(id, error) {
      told.push(`buried ${id}: ${error}`);
      without([id]);
    },
  };
  const rest = [...answers];
  const courier = new Courier("q", {
    outbox: outbox as Outbox,
    clock,
    log: silentLog,
    outcomes: { add() {} },
    giveUpMs: 60_000,
    async send({ body }) {
      told.push(`send ${body}`);
      courier.poke();
      return rest.shift() ?? sent;
    },
  });
  await courier.run(stop.signal);
  return told;
}

test("letters go in their order, the second only after the first", async () => {
  expect(await carried([])).toEqual(["send 1", "send 2"]);
  expect(await carried([unreachable("down")])).toEqual(["send 1", "failed 1: down", "send 1", "send 2"]);
});

test("what is refused four times is given up, and the next one goes", async () => {
  const no = refused("bad");
  const told = await carried([no, no, no, no]);
  expect(told.filter((one) => one.startsWith("send 1"))).toHaveLength(4);
  expect(told.slice(-2)).toEqual(["buried 1: bad", "send 2"]);
});

test("what cannot be reached is given up by its age alone", async () => {
  const told = await carried(
    Array.from({ length: 9 }, () => unreachable("down")),
    30_000,
  );
  expect(told.find((one) => one.startsWith("buried"))).toBe("buried 1: down");
  expect(told.filter((one) => one === "send 1").length).toBeGreaterThan(4);
});
