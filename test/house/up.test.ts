/** `holdfast up` with the daemons that exist: start, ready file, a child that dies, stop, start again. */
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDaemons } from "../../cmd/holdfast/find-daemons.ts";
import { startHouse } from "../interop/house.ts";

const data = await mkdtemp(join(tmpdir(), "holdfast-up-"));
afterAll(() => rm(data, { recursive: true, force: true }));

test("up starts every daemon, again where one dies, stops all, and keeps the credentials", async () => {
  const house = await startHouse({ data });
  expect(house.ready.time.ntp).toBeGreaterThan(1023);
  const starts = (): number => house.said().split('"message":"starting"').length - 1;
  while (!house.said().includes("Try it:") || starts() < findDaemons().length) await Bun.sleep(5);
  const { mode } = await stat(join(data, "first-run.json"));
  expect(mode & 0o777).toBe(0o600);
  const kept = await readFile(join(data, "first-run.json"), "utf8");

  const victim = Number(/"daemon":"utcd".*?"pid":(\d+)/.exec(house.said())?.[1]);
  const before = starts();
  process.kill(victim, "SIGKILL");
  while (starts() === before) await Bun.sleep(5);
  expect(house.said()).toContain('"message":"child ended, starting it again"');

  const stopping = performance.now();
  expect(await house.stop()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(4000); // 4.5 s: a main that never ends by itself

  const again = await startHouse({ data });
  expect(await readFile(join(data, "first-run.json"), "utf8")).toBe(kept);
  expect(await again.stop()).toBe(0);
}, 30_000);
