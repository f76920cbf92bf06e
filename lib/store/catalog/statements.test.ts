import { expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const store = join(import.meta.dir, "..");

/** Texts of SQL in a source file: strings that select. */
const selects = (source: string): string[] =>
  [...source.matchAll(/"[^"\n]*"|`[^`]*`/g)].map(([text]) => text).filter((text) => text.includes("SELECT"));

/** See connection.ts: SQLite compiles such a statement anew at every run. */
const isCompiledAnew = (sql: string): boolean =>
  /ORDER BY|LIMIT \+?\?/.test(sql) && /(?:[=<>(,]|LIMIT) ?\?/.test(sql);

test("statements that order or limit hide their parameters from the planner", () => {
  expect(isCompiledAnew("SELECT a FROM t WHERE b = ? ORDER BY a")).toBe(true);
  expect(isCompiledAnew("SELECT a FROM t LIMIT ?")).toBe(true);
  expect(isCompiledAnew("SELECT a FROM t WHERE (b, c) > (+?, ?) ORDER BY a")).toBe(true);
  expect(isCompiledAnew("SELECT a FROM t WHERE b = +? ORDER BY a LIMIT +?2")).toBe(false);
  const found: string[] = [];
  for (const file of new Glob("**/*.ts").scanSync(store)) {
    if (file.endsWith(".test.ts")) continue;
    const source = readFileSync(join(store, file), "utf8");
    for (const sql of selects(source)) if (isCompiledAnew(sql)) found.push(`${file}: ${sql}`);
  }
  expect(found).toEqual([]);
});
