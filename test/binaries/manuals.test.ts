/** The generated manuals of packaging/manual: up to date, and good for groff. */
import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { manuals } from "../../packaging/manuals.ts";
import { buildFacts } from "../../packaging/facts.ts";
import { apt, needs, run } from "../interop/peers.ts";
import { top } from "../sources.ts";

const folder = join(top, "packaging/manual");
const groff = apt("groff");

test("the manuals are what the tables say: mend with npm run docs", async () => {
  const { version } = await buildFacts();
  const kept = await readdir(folder);
  const texts = kept.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const);
  expect(Object.fromEntries(await Promise.all(texts))).toEqual(Object.fromEntries(manuals(version)));
});

needs(groff)("the manual pages are good man(7)", async () => {
  for (const name of (await readdir(folder)).filter((file) => /\.\d$/.test(file))) {
    const ran = await run(["groff", "-man", "-Tutf8", "-ww", join(folder, name)]);
    expect([name, ran.err, ran.code]).toEqual([name, "", 0]);
  }
});
