/** `npm start`, as the README says it: it comes up, and nothing of it is left when npm is told to end. */
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { top } from "../sources.ts";

test("npm start comes up, and SIGTERM to npm ends all of it", async () => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-npm-"));
  const file = join(data, "ready.json");
  const flags = ["--data", data, "--ports", "auto", "--ready-file", file];
  const npm = Bun.spawn(["npm", "start", "--silent", "--", ...flags], {
    cwd: top,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  while (!(await Bun.file(file).exists())) await Bun.sleep(20);
  expect(await processesOn(data)).not.toEqual([]);
  npm.kill("SIGTERM");
  await npm.exited;
  const until = performance.now() + 5000;
  while ((await processesOn(data)).length > 0 && performance.now() < until) await Bun.sleep(50);
  expect(await processesOn(data)).toEqual([]);
  await rm(data, { recursive: true, force: true });
}, 600_000);

/** Command lines that name the data directory. */
async function processesOn(data: string): Promise<string[]> {
  const all = await new Response(Bun.spawn(["ps", "-eo", "args"], { stdout: "pipe" }).stdout).text();
  return all.split("\n").filter((line) => line.includes(data));
}
