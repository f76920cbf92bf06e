import { expect, test } from "bun:test";
import { Turns } from "./turns.ts";

test("who shares runs beside others, who does not runs alone, in order", async () => {
  const turns = new Turns();
  const told: string[] = [];
  const gates = new Map<string, () => void>();
  const work = (name: string) => async (): Promise<void> => {
    told.push(`${name}+`);
    await new Promise<void>((yes) => gates.set(name, yes));
    told.push(`${name}-`);
  };
  const settle = () => new Promise((yes) => setTimeout(yes, 1));
  const all = [turns.share(work("a")), turns.share(work("b")), turns.take(work("c")), turns.share(work("d"))];
  await settle();
  expect(told).toEqual(["a+", "b+"]);
  gates.get("b")!();
  await settle();
  expect(told).toEqual(["a+", "b+", "b-"]);
  gates.get("a")!();
  await settle();
  expect(told.at(-1)).toBe("c+");
  gates.get("c")!();
  await settle();
  expect(told.at(-1)).toBe("d+");
  gates.get("d")!();
  await Promise.all(all);
});

test("one who fails holds nobody back", async () => {
  const turns = new Turns();
  const failing = turns.take(() => Promise.reject(new Error("no")));
  expect(failing).rejects.toThrow("no");
  expect(await turns.take(async () => 1)).toBe(1);
});
