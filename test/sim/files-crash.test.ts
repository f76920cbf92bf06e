/** Kills a process while it writes files through a door: what it said was closed is whole, nothing shows
 *  half, no draft and no blob is left over. HOLDFAST_LONG=1: 60 deaths. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { must } from "../../lib/base/result.ts";
import { asInstant, asUnixMs } from "../../lib/base/time.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { filesOf } from "../../lib/store/bucket-files.ts";
import { listAll, reading, readWhole } from "../../lib/store/files-stage.conformance.ts";
import { openStore } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { contentOf } from "./files-crash-words.ts";

const deaths = process.env["HOLDFAST_LONG"] === "1" ? 60 : 3;
const clock = { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) };
const child = join(import.meta.dir, "files-crash-child.ts");

/** Lets a process write for a while and kills it. Gives back the names it said were closed. */
async function writeAndDie(data: string, round: number, ms: number): Promise<string[]> {
  const run = Bun.spawn([process.execPath, child, data, String(round)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const said = new Response(run.stdout).text();
  await Bun.sleep(ms);
  run.kill("SIGKILL");
  await run.exited;
  return (await said).split("\n").slice(0, -1);
}

test(`${deaths} processes die while they write files`, async () => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-files-crash-"));
  const open = (round: number) =>
    openStore(data, { clock, entropy: seededEntropy(round + 9), log: silentLog });
  try {
    const first = await open(0);
    must(await first.objects.createBucket(houseActor, { name: "home", tenant: "t1", owner: "u1" }));
    await first[Symbol.asyncDispose]();
    const closed = new Set<string>();
    for (let round = 1; round <= deaths; round++) {
      for (const name of await writeAndDie(data, round, 400 + ((round * 97) % 500))) closed.add(name);
      await using store = await open(round);
      const { objects, staging, pool } = store;
      const needs = { actor: houseActor, staging, pool, clock, entropy: seededEntropy(round) };
      const files = filesOf(objects, "home", "", needs);
      const rows = await listAll(files, "/", 1000);
      const shown = new Set(rows.map(({ name }) => name));
      expect([...closed].filter((name) => !shown.has(name))).toEqual([]);
      for (const { name } of rows.filter((row) => row.name.startsWith(`${round}-`))) {
        const file = must(await files.open([name], reading));
        expect(Buffer.compare(await readWhole(file), contentOf(name))).toBe(0);
        must(await file.close());
      }
      const folders = readdirSync(join(data, "staging"), { withFileTypes: true }).filter((e) =>
        e.isDirectory(),
      );
      expect(folders.map(({ name }) => name)).toEqual([staging.split("/").at(-1)!]);
      expect(readdirSync(staging)).toEqual([]);
      const blobs = readdirSync(join(data, "blobs"), { recursive: true, withFileTypes: true });
      const large = rows.filter(({ size }) => size > 65_536).length;
      expect(blobs.filter((e) => e.isFile()).length).toBe(large);
    }
    expect(closed.size).toBeGreaterThan(0);
  } finally {
    await rm(data, { recursive: true });
  }
}, 600_000);
