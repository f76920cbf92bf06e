/** `npm run docs`: everything that is generated from the tables, into packaging/manual. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFacts, top } from "./facts.ts";
import { manuals } from "./manuals.ts";

const folder = join(top, "packaging/manual");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const { version } = await buildFacts();
const files = manuals(version);
for (const [name, text] of files) await writeFile(join(folder, name), text);
console.log(`packaging/manual: ${files.size} files`);
