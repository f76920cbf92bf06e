import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handClock } from "../base/time.ts";
import { keptBook, lazyBook } from "./kept-book.ts";

test("what one process changes another sees, half a second later", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-book-"));
  const path = join(folder, "book.json");
  const clock = handClock();
  const [one, other] = [keptBook<{ n: number }>(path, clock), lazyBook<{ n: number }>(path, clock)];
  expect(other.book().size).toBe(0);
  one.set("a", { n: 1 });
  one.set("b", { n: 2 });
  expect([...one.book().keys()]).toEqual(["a", "b"]);
  clock.advance(500);
  expect(other.book().get("b")).toEqual({ n: 2 });
  other.set("a", undefined);
  clock.advance(500);
  expect([...one.book()]).toEqual([["b", { n: 2 }]]);
  writeFileSync(path, "no book");
  expect(() => keptBook(path, clock)).toThrow();
  rmSync(folder, { recursive: true });
});
