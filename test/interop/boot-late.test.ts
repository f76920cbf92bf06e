/** The slow part of test/house/boot.test.ts: what a daemon's own clock does. */
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("a daemon that does not come to an end within 5 s of SIGTERM is ended by its own clock", async () => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-late-"));
  const main = join(import.meta.dir, "../house/trial-daemon.ts");
  const flags = ["--config", data, "--data", data, "--ports", "auto", "--ready-file", join(data, "ready")];
  const child = Bun.spawn([process.execPath, "--no-env-file", main, ...flags], {
    env: { ...process.env, TRIAL: "stay" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  while (!(await Bun.file(join(data, "ready")).exists())) await Bun.sleep(10);
  const started = performance.now();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(75);
  expect(performance.now() - started).toBeLessThan(5000);
  expect(await new Response(child.stderr).text()).toContain("could not leave in time");
  await rm(data, { recursive: true, force: true });
}, 600_000);
