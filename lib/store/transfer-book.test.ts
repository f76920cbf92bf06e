import { expect, test } from "bun:test";
import { asUnixMs } from "../base/time.ts";
import type { TransferRow } from "../watch/transfer-line.ts";
import { openTransferBook } from "./transfer-book.ts";

const row = (path: string, user = "ann"): TransferRow => ({
  at: asUnixMs(1_000_000),
  ms: 5,
  user,
  door: "ftp",
  address: "192.0.2.1",
  way: "out",
  path,
  bytes: 7,
  outcome: "ok",
});

test("the history is told from its end, page by page, of all or of one", () => {
  using book = openTransferBook(":memory:");
  for (let i = 0; i < 5; i++) book.add(row(`/f${i}`, i % 2 ? "bob" : "ann"));
  const first = book.page({ limit: 2 });
  expect(first.map(({ path }) => path)).toEqual(["/f4", "/f3"]);
  expect(book.page({ limit: 2, before: first[1]!.id }).map(({ path }) => path)).toEqual(["/f2", "/f1"]);
  expect(book.page({ user: "bob", limit: 9 }).map(({ path }) => path)).toEqual(["/f3", "/f1"]);
  expect(book.page({ limit: 1 })[0]).toMatchObject(row("/f4"));
});

test("sums of a day, a week and a month", () => {
  using book = openTransferBook(":memory:");
  const day = 86_400_000;
  const at = asUnixMs(Date.parse("2026-11-17"));
  book.count("u1", "in", 10, at);
  book.page({ limit: 1 });
  book.count("u1", "in", 5, asUnixMs(at + day));
  book.count("u1", "out", 3, at);
  const now = asUnixMs(at + day);
  expect(["day", "week", "month"].map((per) => book.moved("u1", "in", per as "day", now))).toEqual([
    5, 15, 15,
  ]);
  expect(book.moved("u1", "in", "week", asUnixMs(at + 7 * day))).toBe(0);
  expect(book.moved("u2", "in", "month", now)).toBe(0);
});
