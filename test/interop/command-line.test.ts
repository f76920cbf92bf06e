/** The command line as an operator uses it: against daemons that run, and against data that nobody serves. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { top } from "../sources.ts";
import { startHouse, type House } from "./house.ts";
import { run, type Ran } from "./peers.ts";

const main = [process.execPath, "--no-env-file", join(top, "cmd/holdfast/main.ts")];
const kept: { house?: House } = {};
const house = (): House => kept.house!;

const holdfast = (line: string, input?: string): Promise<Ran> =>
  run([...main, "--data", house().data, ...line.split(" ")], {
    env: { NO_COLOR: "1" },
    ...(input === undefined ? {} : { input }),
  });
const asJson = async (line: string): Promise<unknown> => JSON.parse((await holdfast(`${line} --json`)).out);

beforeAll(async () => {
  kept.house = await startHouse();
});
afterAll(async () => {
  await kept.house?.[Symbol.asyncDispose]();
  if (kept.house) await rm(kept.house.data, { recursive: true, force: true });
});

test("status tells who runs and where they listen", async () => {
  const daemons = (await asJson("status")) as {
    service: string;
    ready: boolean;
    listening: { name: string }[];
  }[];
  const s3d = daemons.find(({ service }) => service === "s3d");
  expect(s3d).toMatchObject({ ready: true });
  expect(s3d!.listening.map(({ name }) => name)).toContain("s3");
});

test("somebody is added, let in, explained, and removed", async () => {
  const added = await holdfast("user add mia --password-file -", "correct horse battery\n");
  expect(added).toMatchObject({ code: 0, err: "" });
  expect((await holdfast("user add mia --generate")).code).toBe(1);
  expect((await holdfast("why mia object.read home/x")).code).toBe(1);
  const grant = (await holdfast("grant add mia read home --quiet")).out.trim();
  expect(await holdfast("why mia object.read home/x")).toMatchObject({
    code: 0,
    out: expect.stringContaining(grant) as string,
  });
  const { secret } = (await asJson("key add mia")) as { secret: string };
  expect((await holdfast("key list mia")).out).not.toContain(secret);
  expect((await holdfast("user remove mia")).code).toBe(0);
  expect((await asJson("user list")) as object[]).toHaveLength(1);
  expect((await holdfast("why mia object.read home/x")).err).toContain("no such user");
});

test("events follow what happens", async () => {
  const child = Bun.spawn([...main, "events", "--follow", "--json", "--data", house().data], {
    stdout: "pipe",
    timeout: 20_000,
  });
  const reader = child.stdout.getReader();
  await holdfast("bucket add followed");
  let seen = "";
  while (!seen.includes('"followed"')) {
    const { value, done } = await reader.read();
    if (done) break;
    seen += Buffer.from(value).toString();
  }
  child.kill();
  expect(seen).toContain('"kind":"bucket.created"');
});

test("no secret is said where it does not belong", async () => {
  const { password } = house().ready.ftp ?? { password: house().ready.s3.secretAccessKey };
  for (const line of ["config show", "events --last 1000", "audit verify", "doctor", "status --json"]) {
    const { out, err } = await holdfast(line);
    expect([line, (out + err).includes(password)]).toEqual([line, false]);
  }
});

test("the trail is proved, and a changed one is not", async () => {
  expect(await holdfast("audit verify")).toMatchObject({ code: 0 });
  const folder = join(house().data, "audit");
  const files = [...new Bun.Glob("s3d-*.jsonl").scanSync(folder)];
  const copy = `${folder}-copy`;
  await run(["cp", "-r", folder, copy]);
  const text = await Bun.file(join(copy, files[0]!)).text();
  await writeFile(join(copy, files[0]!), text.replace("daemon.start", "daemon.stop"));
  const broken = await holdfast(`audit verify ${copy}`);
  expect(broken.code).toBe(65);
  expect(broken.out).toContain("its hash differs");
});

test("usage is 64, nothing there is 69, and each tells how to mend it", async () => {
  const wrong = await holdfast("user lst");
  expect(wrong).toMatchObject({ code: 64, out: "" });
  expect(wrong.err).toContain("did you mean: holdfast user list");
  const nowhere = await run([...main, "user", "list", "--data", "/nonexistent"]);
  expect(nowhere).toMatchObject({ code: 69, out: "" });
  expect(nowhere.err).toContain("mend: start it: holdfast up");
});

test("when nobody serves the data it is asked directly, and the next start finds it so", async () => {
  const { data } = house();
  expect(await house().stop()).toBe(0);
  expect(existsSync(join(data, "run/s3d.sock"))).toBe(false);
  expect((await holdfast("status")).code).toBe(69);
  expect((await holdfast("user add noa --generate --quiet")).out).toMatch(/^(?:\w{5}-){3}\w{5}\n$/);
  expect((await holdfast("audit verify")).code).toBe(0);
  kept.house = await startHouse({ data });
  expect((await holdfast("user list --quiet")).out).toBe("admin\nnoa\n");
});
