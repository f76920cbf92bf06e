import { expect, test } from "bun:test";
import { keepDoing } from "./keep-doing.ts";

test("what fails is told, and done again", async () => {
  const failed: unknown[] = [];
  const done = Promise.withResolvers<void>();
  await using _kept = keepDoing(
    async () => {
      if (failed.length === 2) return done.resolve();
      throw new Error("not today");
    },
    1,
    (error) => failed.push(error),
  );
  await done.promise;
  expect(failed.map(String)).toEqual(["Error: not today", "Error: not today"]);
});

test("who stops it while it is at work does not wait for the next time", async () => {
  const begun = Promise.withResolvers<void>();
  const kept = keepDoing(
    async (signal) => {
      begun.resolve();
      await new Promise((ended) => signal.addEventListener("abort", ended));
    },
    60_000,
    () => {},
  );
  await begun.promise;
  const started = performance.now();
  await kept[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(1000);
});
