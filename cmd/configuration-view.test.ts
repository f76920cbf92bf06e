import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../lib/base/result.ts";
import { duration, enumeration, endpoint } from "../lib/config/field.ts";
import { load } from "../lib/config/load.ts";
import { section } from "../lib/config/section.ts";
import { diskSource } from "./config-source.ts";
import { configurationView } from "./configuration-view.ts";

const root = await mkdtemp(join(tmpdir(), "holdfast-settings-"));
afterAll(() => rm(root, { recursive: true, force: true }));

const sections = [
  section("ftp", "FTP.", {
    listen: endpoint({ default: "[::]:21", doc: "Where." }),
    idleTimeout: duration({ default: "10m", min: "1s", doc: "How long.", reload: "live" }),
  }),
  section("log", "Log.", { level: enumeration(["debug", "info"], { default: "info", doc: "Least." }) }),
];

async function daemon(files: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(root, "etc-"));
  const data = await mkdtemp(join(root, "data-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const request = {
    daemon: "ftpd",
    sections,
    foreign: [],
    from: { folder },
    flags: [],
    ports: "privileged",
  } as const;
  const first = await load(request, diskSource());
  if (!first.ok) throw new Error("the test's own files are wrong");
  const running = { config: first.value.config as object, reloads: 0 };
  const view = configurationView({
    data,
    request,
    first: first.value,
    current: () => running.config,
    async reload() {
      const again = await load(request, diskSource());
      if (again.ok) running.config = again.value.config;
      running.reloads++;
      return again.ok ? [] : again.fault;
    },
  });
  const textOf = (name: string) => readFile(join(folder, name), "utf8");
  return { folder, data, view, running, textOf };
}

test("a setting is written where the daemon reads it, comments kept, the old file put by", async () => {
  const before = "# ours\nftp:\n  idleTimeout: 1m # short\n";
  const { view, textOf, data, folder, running } = await daemon({ "ftpd.yaml": before });
  await chmod(join(folder, "ftpd.yaml"), 0o644);
  expect(must(await view.change("ftp.idleTimeout", "5m"))).toEqual([]);
  expect(await textOf("ftpd.yaml")).toBe(before.replace("1m", "5m"));
  expect((await stat(join(folder, "ftpd.yaml"))).mode & 0o777).toBe(0o644);
  expect(view.settings().find(({ setting }) => setting === "ftp.idleTimeout")?.text).toBe("5m");
  expect((await view.origins()).origins["ftp.idleTimeout"]).toBe(join(folder, "ftpd.yaml"));
  const [kept] = await readdir(join(data, "settings"));
  expect(await readFile(join(data, "settings", kept!), "utf8")).toBe(before);
  expect(running.reloads).toBe(1);
});

test("without a file one is made; back to the default takes the setting out", async () => {
  const { view, textOf } = await daemon();
  expect(must(await view.change("ftp.listen", "[::1]:2121"))).toEqual([]);
  expect(await textOf("ftpd.yaml")).toContain("[::1]:2121");
  expect(must(await view.change("ftp.listen", undefined))).toEqual([]);
  expect(await textOf("ftpd.yaml")).toBe("");
});

test("what the daemon would not accept is told and not written", async () => {
  const { view, folder, running } = await daemon();
  const problems = must(await view.change("ftp.idleTimeout", "soon"));
  expect(problems[0]?.what).toContain("span of time");
  expect(existsSync(join(folder, "ftpd.yaml"))).toBe(false);
  expect(running.reloads).toBe(0);
});

test("what cannot be changed from here says why", async () => {
  const json = await daemon({ "ftpd.json": "{}" });
  expect(await json.view.change("log.level", "debug")).toMatchObject({ fault: { code: "unsupported" } });
  const broken = await daemon({ "ftpd.yaml": "ftp:\n  idleTimeout: 1m\n" });
  await writeFile(join(broken.folder, "ftpd.yaml"), "ftp: [");
  expect(await broken.view.change("log.level", "debug")).toMatchObject({ fault: { code: "damaged" } });
  for (const name of ["ftp.none", "none.level", "ftp", "", "ftp.constructor", "__proto__.x"])
    expect(await broken.view.change(name, "1")).toMatchObject({ fault: { code: "not-found" } });
});

test("changes at once come one after another", async () => {
  const { view, textOf } = await daemon();
  await Promise.all([
    view.change("ftp.idleTimeout", "2m"),
    view.change("log.level", "debug"),
    view.change("ftp.listen", "127.0.0.1:2121"),
  ]);
  const text = await textOf("ftpd.yaml");
  for (const said of ["idleTimeout: 2m", "level: debug", "127.0.0.1:2121"]) expect(text).toContain(said);
});
