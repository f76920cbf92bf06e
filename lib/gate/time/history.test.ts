import { expect, test } from "bun:test";
import { History } from "./history.ts";

const start = 1_800_000_000;

test("the last hour is kept in steps of ten seconds, with mean, least and most", () => {
  const history = new History();
  for (let i = 0; i < 60; i++) history.note("clock", start + i, [i, -i, 5]);
  const rows = history.read("clock", 3600, start + 59);
  expect(rows).toHaveLength(6);
  expect(rows[1]).toEqual({
    at: start + 10,
    seconds: 10,
    count: 10,
    mean: [14.5, -14.5, 5],
    least: [10, -19, 5],
    most: [19, -10, 5],
  });
});

test("what is older is kept in longer steps, and no more than its room", () => {
  const history = new History();
  for (let hour = 0; hour < 24 * 40; hour++) history.note("clock", start + hour * 3600, [hour]);
  const now = start + 24 * 40 * 3600;
  const month = history.read("clock", 30 * 86_400, now);
  expect(month.length).toBeGreaterThanOrEqual(719);
  expect(month[0]!.seconds).toBe(3600);
  const year = history.read("clock", 365 * 86_400, now);
  expect(year.length).toBeGreaterThanOrEqual(40);
  expect(year.length).toBeLessThanOrEqual(42);
  expect(year.at(-2)!.most[0]! - year.at(-2)!.least[0]!).toBe(23);
  expect(history.read("clock", 3600, now + 86_400)).toEqual([]);
});

test("it survives a restart, and what is no history is none", () => {
  const history = new History();
  for (let i = 0; i < 100; i++) history.note("a source", start + i, [i / 7]);
  const again = History.restore(history.save());
  expect(again.read("a source", 60, start + 99)).toEqual(history.read("a source", 60, start + 99));
  for (const text of ["", "null", "{}", '{"version":1,"series":[{"name":"x","rings":[["!"]]}]}', "[1]"]) {
    expect(History.restore(text).read("x", 60, start)).toEqual([]);
  }
});

test("names beyond the limit are not kept", () => {
  const history = new History();
  for (let i = 0; i < 200; i++) history.note(`s${i}`, start, [1]);
  expect(history.names).toHaveLength(80);
});
