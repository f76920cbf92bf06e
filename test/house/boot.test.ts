/** What every daemon does: start, tell, reload, stop, and end well or with the right code. */
import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../cmd/version.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-boot-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = (name: string): string => join(folder, `${crypto.randomUUID()}-${name}`);

function daemon(flags: readonly string[], env: Record<string, string> = {}) {
  const data = place("data");
  const main = join(import.meta.dir, "trial-daemon.ts");
  const all = ["--config", folder, "--data", data, ...flags];
  const child = Bun.spawn([process.execPath, "--no-env-file", main, ...all], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const said: string[] = [];
  const ended = Promise.all([collect(child.stdout, said), collect(child.stderr, said)]);
  return {
    data,
    child,
    said: () => said.join(""),
    async sees(text: string): Promise<void> {
      const until = performance.now() + 5000;
      while (!said.join("").includes(text)) {
        if (performance.now() > until) throw new Error(`never said ${text}:\n${said.join("")}`);
        await Bun.sleep(5);
      }
    },
    async code(): Promise<number> {
      await ended;
      return child.exited;
    },
  };
}

async function collect(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }));
}

test("it starts without a configuration, says its addresses, and ends at SIGTERM", async () => {
  const readyFile = place("ready.json");
  const pidFile = place("trial.pid");
  const trial = daemon(["--ports", "auto", "--ready-file", readyFile, "--pid-file", pidFile]);
  await trial.sees('"message":"ready"');
  const { time } = JSON.parse(await readFile(readyFile, "utf8")) as { time: { port: number } };
  expect(time.port).toBeGreaterThan(1023);
  expect(await readFile(pidFile, "utf8")).toBe(`${trial.child.pid}\n`);
  expect((await stat(trial.data)).mode & 0o777).toBe(0o700);
  expect((await stat(readyFile)).mode & 0o777).toBe(0o600);
  trial.child.kill("SIGTERM");
  expect(await trial.code()).toBe(0);
  expect(trial.said()).toContain('"message":"stopping"');
  expect(existsSync(pidFile)).toBe(false);
});

test("a reload takes over what is live, says what waits; a bad one changes nothing", async () => {
  const file = place("time.yaml");
  await writeFile(file, "time: {listen: '127.0.0.1:0', idle: 1m}\n");
  const trial = daemon(["--config", file]);
  await trial.sees('"message":"ready"');

  await writeFile(file, "time: {listen: '127.0.0.2:0', idle: 2m}\nlog: {level: debug}\n");
  trial.child.kill("SIGHUP");
  await trial.sees('"message":"reloaded"');
  expect(trial.said()).toContain('"idle":120000,"what":"log.level time.idle"');
  expect(trial.said()).toContain('"changed":"log.level time.idle","atRestart":"time.listen"');

  await writeFile(file, "time:\n  idel: 3m\n");
  trial.child.kill("SIGHUP");
  await trial.sees("reload refused");
  expect(trial.said()).toContain("did you mean idle?");
  expect(trial.said()).toContain(`${file}:2:3`);
  expect(trial.said()).not.toContain("180000");

  trial.child.kill("SIGTERM");
  expect(await trial.code()).toBe(0);
});

test("a rotated log file is opened again at SIGHUP", async () => {
  const file = place("trial.log");
  const trial = daemon(["--ports", "auto", "--log-file", file]);
  const sees = async (text: string): Promise<void> => {
    while (!(existsSync(file) && (await readFile(file, "utf8")).includes(text))) await Bun.sleep(5);
  };
  await sees('"message":"ready"');
  await rm(file);
  trial.child.kill("SIGHUP");
  await sees('"message":"reloaded"');
  trial.child.kill("SIGTERM");
  expect(await trial.code()).toBe(0);
  expect(trial.said()).toBe("");
});

test("--check says what is wrong, with 78, and makes nothing", async () => {
  const file = place("wrong.yaml");
  await writeFile(file, "time: {idel: 3m, idle: 4}\n");
  const trial = daemon(["check", "--config", file]);
  expect(await trial.code()).toBe(78);
  expect(trial.said()).toContain("did you mean idle?");
  expect(trial.said()).toContain("time.idle: expected a span of time");
  expect(existsSync(trial.data)).toBe(false);
  const good = daemon(["--check"]);
  expect(await good.code()).toBe(0);
  expect(good.said()).toContain("the configuration is good");
  expect(existsSync(good.data)).toBe(false);
});

test.each([
  ["--help", "--time-idle DURATION"],
  ["--manual", "### time.idle"],
  ["--schema", '"additionalProperties": false'],
  ["--version", `holdfast-utcd ${build().version}`],
  ["version", `holdfast-utcd ${build().version}`],
  ["--example=yaml", "idle: "],
])("%s tells, and ends with 0", async (flag, text) => {
  const trial = daemon([flag]);
  expect(await trial.code()).toBe(0);
  expect(trial.said()).toContain(text);
});

test("a wrong flag ends with 64, a place that cannot be written with 73", async () => {
  const usage = daemon(["--tiem-idle", "3m"]);
  expect(await usage.code()).toBe(64);
  expect(usage.said()).toContain("did you mean --time-idle?");
  const file = place("file");
  await writeFile(file, "");
  const stuck = daemon(["--ports", "auto", "--data", join(file, "data")]);
  expect(await stuck.code()).toBe(73);
  expect(stuck.said()).toContain("mend: give the daemon's user the right to write there");
});

test("a port that is taken ends with 69, in three lines", async () => {
  const holder = createServer();
  await new Promise<void>((yes) => holder.listen(0, "127.0.0.1", yes));
  const { port } = holder.address() as AddressInfo;
  const trial = daemon(["--time-listen", `127.0.0.1:${port}`]);
  expect(await trial.code()).toBe(69);
  expect(trial.said()).toContain(
    `the address is in use by another process\n  at: 127.0.0.1 ${port}\n  mend: `,
  );
  holder.close();
});

test("an error nobody caught ends it with 70, and is told", async () => {
  const trial = daemon(["--ports", "auto"], { TRIAL: "reject" });
  expect(await trial.code()).toBe(70);
  expect(trial.said()).toContain("nobody caught me");
});

test("one that does not come to an end is ended by a second signal", async () => {
  const trial = daemon(["--ports", "auto"], { TRIAL: "stay" });
  await trial.sees('"message":"ready"');
  trial.child.kill("SIGTERM");
  await Bun.sleep(600);
  trial.child.kill("SIGTERM");
  expect(await trial.code()).toBe(143);
});
