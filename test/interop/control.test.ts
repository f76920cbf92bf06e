/** start, status, reload, restart, stop: a daemon in the background, without a service manager. */
import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "holdfast-control-"));
const data = join(folder, "data");
const config = join(folder, "utcd.yaml");
const pidFile = join(data, "run/utcd.pid");
await writeFile(config, "time: {listen: '127.0.0.1:0'}\n");
afterAll(async () => {
  await trial("stop");
  await rm(folder, { recursive: true, force: true });
});

async function trial(...words: string[]): Promise<{ code: number; said: string }> {
  const main = join(import.meta.dir, "../house/trial-daemon.ts");
  const flags = ["--config", config, "--data", data];
  const child = Bun.spawn([process.execPath, "--no-env-file", main, ...words, ...flags], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  return { code: await child.exited, said };
}

const pid = async (): Promise<number> => Number(await readFile(pidFile, "utf8"));

test("start comes back once it serves; the others find it by its process id", async () => {
  const told = async (verb: string): Promise<string> => {
    const { code, said } = await trial(verb);
    return `${code}: ${said}`;
  };
  expect(await told("status")).toMatch(/^69: .*does not run/);
  expect(await told("stop")).toMatch(/^1: it does not run/);

  expect((await trial("start")).code).toBe(0);
  const first = await pid();
  expect(await told("status")).toMatch(new RegExp(`^0: .*process ${first},`));
  expect((await trial("start")).said).toContain(`runs already, process ${first}`);
  const log = join(data, "log/utcd.log");
  expect((await stat(log)).mode & 0o077).toBe(0);

  expect((await trial("reload")).code).toBe(0);
  while (!(await readFile(log, "utf8")).includes('"message":"reloaded"')) await Bun.sleep(5);

  expect((await trial("restart")).code).toBe(0);
  expect(await pid()).not.toBe(first);
  expect((await trial("stop")).code).toBe(0);
  expect(existsSync(pidFile)).toBe(false);
});

test("--daemon is start; what keeps it from coming up is told", async () => {
  expect((await trial("--daemon")).code).toBe(0);
  expect((await trial("stop")).code).toBe(0);
  const failed = await trial("--daemon", "--time-listen", "192.0.2.1:1");
  expect(failed.code).toBe(69);
  expect(failed.said).toContain("this machine has no such address");
});

test("a wrong configuration is told before anything starts", async () => {
  expect(await trial("start", "--time-idle", "soon")).toMatchObject({ code: 78 });
  expect(await trial("test", "--time-idle", "soon")).toMatchObject({ code: 78 });
  expect(await trial("test")).toMatchObject({ code: 0 });
});

test("words that mean nothing are refused", async () => {
  expect((await trial("serve")).code).toBe(64);
  expect((await trial("start", "now")).code).toBe(64);
  expect((await trial("service")).code).toBe(64);
  expect((await trial("service", "instal")).code).toBe(64);
});
