import { expect, test } from "bun:test";
import { Keyed } from "./keyed.ts";

test("one key: one after another; two keys: side by side; both: after both", async () => {
  const keyed = new Keyed();
  const told: string[] = [];
  const work = (name: string, ms: number) => async (): Promise<void> => {
    told.push(`${name}+`);
    await Bun.sleep(ms);
    told.push(`${name}-`);
  };
  await Promise.all([
    keyed.run(["x"], work("a", 6)),
    keyed.run(["y"], work("b", 2)),
    keyed.run(["x", "y", "x"], work("c", 1)),
    keyed.run(["y"], work("d", 1)),
  ]);
  expect(told).toEqual(["a+", "b+", "b-", "a-", "c+", "c-", "d+", "d-"]);
});

test("a failure passes the turn on", async () => {
  const keyed = new Keyed();
  expect(keyed.run(["x"], () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await keyed.run(["x"], async () => 7)).toBe(7);
});
