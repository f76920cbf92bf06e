import { expect } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { top } from "./sources.ts";

/** Compares a generated text with the one kept in test/golden. `HOLDFAST_GOLDEN=write` keeps the new one:
 *  look at
 *  the difference before committing it. */
export function expectGolden(name: string, text: string): void {
  const path = join(top, "test/golden", name);
  if (process.env["HOLDFAST_GOLDEN"] === "write") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(existsSync(path) ? readFileSync(path, "utf8") : "no such golden file").toBe(text);
}
