import { describe, expect, test } from "bun:test";
import { duration, endpoint, enumeration, integer, list, path, secret, size, text } from "./field.ts";
import { load } from "./load.ts";
import { problemLines } from "./problem.ts";
import { readCommandLine } from "./flags.ts";
import { section } from "./section.ts";
import { memorySource } from "./source.ts";

const sections = [
  section("ftp", "The FTP control channel.", {
    listen: endpoint({ default: "[::]:21", unprivileged: "[::]:2121", doc: "Where clients connect." }),
    idleTimeout: duration({ default: "10m", min: "1s", max: "1d", reload: "live", doc: "How long." }),
    greeting: text({ default: "Welcome", doc: "What is said." }),
    limit: size({ default: "64KiB", doc: "How much." }),
    sessions: integer({ default: 100, min: 1, max: 5000, doc: "How many." }),
    users: list(text({ doc: "One." }), { default: [], doc: "Who." }),
    mode: enumeration(["active", "passive"], { default: "passive", doc: "Which way." }),
    root: path({ doc: "A folder." }),
    password: secret({ doc: "A password." }),
  }),
] as const;

const ask = (files: Record<string, string>, more: { environment?: object; flags?: string[] } = {}) =>
  load(
    {
      daemon: "ftpd",
      sections,
      foreign: ["s3"],
      from: { folder: "/etc/h" },
      flags: readCommandLine(more.flags ?? [], [], sections).statements,
      ports: "unprivileged",
    },
    memorySource(files, { ...more.environment }),
  );

async function good(...args: Parameters<typeof ask>) {
  const loaded = await ask(...args);
  if (!loaded.ok) throw new Error(loaded.fault.flatMap(problemLines).join("\n"));
  return loaded.value;
}

async function bad(...args: Parameters<typeof ask>): Promise<string[]> {
  const loaded = await ask(...args);
  if (loaded.ok) throw new Error("it was accepted");
  return loaded.fault.map((problem) => problemLines(problem).join("\n"));
}

test("without a file every setting has its default", async () => {
  const { config, files } = await good({});
  expect(files).toEqual([]);
  expect(config.ftp).toMatchObject({
    listen: { host: "127.0.0.1", port: 2121 },
    idleTimeout: 600_000,
    greeting: "Welcome",
    limit: 65_536,
    users: [],
    mode: "passive",
    root: undefined,
  });
});

test("holdfast < conf.d < the daemon's file < environment < flags", async () => {
  const files = {
    "/etc/h/holdfast.yaml": "ftp: {greeting: a, limit: 1KiB, sessions: 1, mode: active, idleTimeout: 1s}",
    "/etc/h/conf.d/10.yaml": "ftp: {greeting: b, limit: 2KiB, sessions: 2, mode: active}",
    "/etc/h/conf.d/20.yaml": "ftp: {greeting: c, limit: 3KiB, sessions: 3}",
    "/etc/h/ftpd.yaml": "ftp: {greeting: d, limit: 4KiB}",
  };
  const environment = { HOLDFAST_FTP_GREETING: "e", HOLDFAST_S3_LISTEN: "someone else's" };
  const flags = ["--ftp-idle-timeout", "9s", "--ftp-users=x, y"];
  const { config, origins, files: read } = await good(files, { environment, flags });
  expect(config.ftp.idleTimeout).toBe(9000);
  expect(config.ftp.greeting).toBe("e");
  expect(config.ftp.limit).toBe(4096);
  expect(config.ftp.sessions).toBe(3);
  expect(config.ftp.mode).toBe("active");
  expect(config.ftp.users).toEqual(["x", "y"]);
  expect(origins.get("ftp.limit")).toBe("/etc/h/ftpd.yaml");
  expect(origins.get("ftp.greeting")).toBe("HOLDFAST_FTP_GREETING");
  expect(origins.get("ftp.listen")).toBe("default");
  expect(read).toHaveLength(4);
});

test("all problems are told at once, with place, caret and cure", async () => {
  const text = "ftp:\n  idleTimout: 5m\n  limit: many\n  mode: pasive\n  users: [a, 7]\nfpt: {}\ns3: {}\n";
  expect((await bad({ "/etc/h/ftpd.yaml": text })).join("\n\n")).toMatchSnapshot();
});

test("a file for everybody may have other daemons' sections, and none that nobody has", async () => {
  await good({ "/etc/h/holdfast.yaml": "s3: {anything: goes}" });
  expect(await bad({ "/etc/h/holdfast.yaml": "s4: {}" })).toEqual([
    expect.stringContaining("did you mean s3?"),
  ]);
});

test("INI and JSON say the same as YAML", async () => {
  const ini = '[ftp]\n; a comment\ngreeting = "Hello; there"\nlimit = 1MiB\nusers = a, b\nsessions = 7\n';
  const json = '{"ftp": {"greeting": "Hello; there", "limit": "1MiB", "users": ["a", "b"], "sessions": 7}}';
  const yaml = 'ftp:\n  greeting: "Hello; there"\n  limit: 1MiB\n  users:\n    - a\n    - b\n  sessions: 7\n';
  const values = [
    await good({ "/etc/h/ftpd.ini": ini }),
    await good({ "/etc/h/ftpd.json": json }),
    await good({ "/etc/h/ftpd.yml": yaml }),
  ].map(({ config }) => JSON.stringify(config));
  expect(new Set(values).size).toBe(1);
});

describe("refused", () => {
  test.each([
    ["two files of one name", { "/etc/h/ftpd.yaml": "", "/etc/h/ftpd.ini": "" }, "only one of them"],
    ["a duplicate key", { "/etc/h/ftpd.yaml": "ftp:\n  limit: 1\n  limit: 2\n" }, "ftpd.yaml:3:3"],
    ["a duplicate key in INI", { "/etc/h/ftpd.ini": "[ftp]\nlimit=1\nlimit=2\n" }, "ftpd.ini:3:1"],
    ["an alias", { "/etc/h/ftpd.yaml": "ftp:\n  users: &a [x]\n  greeting: *a\n" }, "ftpd.yaml:3:13"],
    ["comments in JSON", { "/etc/h/ftpd.json": "{} # no" }, "this is not JSON"],
    ["broken YAML", { "/etc/h/ftpd.yaml": "ftp: [\n" }, "this is not YAML"],
    ["a list at the top", { "/etc/h/ftpd.yaml": "- a\n" }, "expected sections"],
    ["a section that is no map", { "/etc/h/ftpd.yaml": "ftp: 7\n" }, "expected settings of ftp"],
    ["a map for a value", { "/etc/h/ftpd.yaml": "ftp:\n  greeting: {a: b}\n" }, "ftpd.yaml:2:13"],
    ["INI without a section", { "/etc/h/ftpd.ini": "a = b\n" }, "before any [section]"],
    ["INI that is none", { "/etc/h/ftpd.ini": "[ftp]\nhello\n" }, "ftpd.ini:2:1"],
    ["a prototype's name", { "/etc/h/ftpd.yaml": "ftp:\n  constructor: 1\n  __proto__: 2\n" }, "constructor"],
    ["a bound", { "/etc/h/ftpd.yaml": "ftp:\n  idleTimeout: 2d\n" }, "expected 1s to 1d"],
  ])("%s", async (_, files, said) => {
    expect((await bad(files as unknown as Record<string, string>)).join("\n")).toContain(said);
  });
});

test.each([
  ["aliases of aliases", `b0: &b0 [x]\n${"b: &b [*b0, *b0]\n".repeat(9000)}`, "yaml"],
  ["brackets", "[".repeat(200_000), "yaml"],
  ["maps", "{a: ".repeat(60_000), "yaml"],
  ["dashes", "- ".repeat(100_000), "yaml"],
  ["keys", "a: 1\n".repeat(50_000), "yaml"],
  ["brackets in JSON", '{"a":'.repeat(50_000), "json"],
  ["lines in INI", "[a]\n" + "b = 1\n".repeat(50_000), "ini"],
])("a bomb of %s is refused in no time", async (_, text, language) => {
  const started = performance.now();
  const said = await bad({ [`/etc/h/ftpd.${language}`]: text });
  expect(said.length).toBeLessThanOrEqual(100);
  expect(performance.now() - started).toBeLessThan(15_000);
});

test("secrets come from files, variables and credentials, and never show themselves", async () => {
  const environment = { PASS: "from env", CREDENTIALS_DIRECTORY: "/run/credentials" };
  const files = { "/etc/h/pass": "from file\n", "/run/credentials/pass": "from systemd" };
  const from = async (written: string) => {
    const text = `ftp:\n  password: ${written}\n`;
    const { config } = await good({ ...files, "/etc/h/ftpd.yaml": text }, { environment });
    expect(JSON.stringify(config)).not.toContain("from");
    expect(Bun.inspect(config)).not.toContain("from");
    expect(String(config.ftp.password)).toBe("(secret)");
    return config.ftp.password?.reveal();
  };
  expect(await from('"${file:pass}"')).toBe("from file");
  expect(await from("${env:PASS}")).toBe("from env");
  expect(await from("${credential:pass}")).toBe("from systemd");
  expect((await bad({ "/etc/h/ftpd.yaml": "ftp:\n  password: [hush]\n" })).join()).not.toContain("hush");
  expect((await bad({ "/etc/h/ftpd.yaml": "ftp:\n  password: ${env:NONE}\n" })).join()).toContain("NONE");
});

test("a relative path begins at the folder of its file", async () => {
  const { config } = await good({ "/etc/h/ftpd.yaml": "ftp:\n  root: files\n" });
  expect(config.ftp.root).toBe("/etc/h/files");
});

test("a misspelt variable of our own section is a problem", async () => {
  const said = await bad({}, { environment: { HOLDFAST_FTP_LIMTI: "1" } });
  expect(said[0]).toContain("did you mean HOLDFAST_FTP_LIMIT?");
});

test("free ports everywhere, but where one is configured", async () => {
  const request = { daemon: "ftpd", sections, foreign: [], from: { folder: "/e" }, flags: [] } as const;
  const auto = await load({ ...request, ports: "auto" }, memorySource({}));
  expect(auto).toMatchObject({ value: { config: { ftp: { listen: { host: "127.0.0.1", port: 0 } } } } });
});
