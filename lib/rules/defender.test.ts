import { expect, test } from "bun:test";
import { asInstant } from "../base/time.ts";
import { Defender } from "./defender.ts";

const settings = { threshold: 3, halfLifeMs: 1000, banMs: 10_000 };
const at = asInstant;

test("three wrong passwords in a row keep a caller out, for a while", () => {
  const defender = new Defender(settings);
  expect([1, 2, 3].map((ms) => defender.note("a", 1, at(ms)))).toEqual([false, false, true]);
  expect(defender.isBanned("a", at(4))).toBe(true);
  expect(defender.isBanned("b", at(4))).toBe(false);
  expect(defender.banned(at(4))).toEqual([{ who: "a", leftMs: 9999 }]);
  expect(defender.isBanned("a", at(10_004))).toBe(false);
});

test("slow mistakes are forgiven", () => {
  const defender = new Defender(settings);
  for (let i = 0; i < 100; i++) expect(defender.note("a", 1, at(i * 2000))).toBe(false);
});

test("an operator may forgive", () => {
  const defender = new Defender(settings);
  for (let i = 0; i < 4; i++) defender.note("a", 1, at(0));
  expect(defender.forgive("a")).toBe(true);
  expect(defender.isBanned("a", at(1))).toBe(false);
  expect(defender.forgive("a")).toBe(false);
});

test("memory is bounded whoever comes", () => {
  const defender = new Defender(settings, 100);
  for (let i = 0; i < 10_000; i++) for (let k = 0; k < 4; k++) defender.note(`n${i}`, 1, at(0));
  expect(defender.banned(at(1)).length).toBe(100);
  expect(defender.isBanned("n9999", at(1))).toBe(true);
});
