/** Everything that is made from the table of settings, each against the text kept in test/golden/config. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { z } from "zod";
import { expectGolden } from "../../test/golden.ts";
import { exampleFile, exampleLanguages } from "./example.ts";
import {
  boolean,
  duration,
  endpoint,
  enumeration,
  integer,
  list,
  path,
  port,
  secret,
  size,
  text,
} from "./field.ts";
import { readCommandLine, type Option } from "./flags.ts";
import { helpText } from "./help.ts";
import { jsonSchema } from "./json-schema.ts";
import { load } from "./load.ts";
import { manPage, roff } from "./man-page.ts";
import { manual } from "./manual.ts";
import { applied, reloadPlan } from "./reload-plan.ts";
import { section, type ConfigOf } from "./section.ts";
import { memorySource } from "./source.ts";

const sections = [
  section("ftp", "The FTP control channel.", {
    listen: endpoint({ default: "[::]:21", unprivileged: "[::]:2121", doc: "Where clients connect." }),
    idleTimeout: duration({
      default: "10m",
      min: "1s",
      max: "1d",
      reload: "live",
      doc: "How long a client may \
be silent before it is told to go, which also frees what it holds.",
    }),
    blockSize: size({ default: "256KiB", min: "4KiB", max: "16MiB", doc: "How much is read at once." }),
    sessions: integer({ default: 100, min: 1, max: 5000, reload: "live", doc: "How many at once." }),
    greeting: text({ default: "Welcome: be brief", reload: "live", doc: "What a client is told first." }),
    anonymous: boolean({ default: false, reload: "live", doc: "Whether anybody may read." }),
    mode: enumeration(["active", "passive", "both"], { default: "both", doc: "Which transfers are served." }),
    admins: list(text({ doc: "A name.", like: "alice" }), {
      default: ["root", "admin"],
      doc: "Who may SITE.",
    }),
  }),
  section("vault", "What has no default.", {
    dir: path({ doc: "Where it is." }),
    password: secret({ doc: "What opens it." }),
    port: port({ doc: "Where it listens." }),
  }),
] as const;

const options: readonly Option[] = [
  { name: "config", takes: "PATH", doc: "a configuration folder, or one file to read alone" },
  { name: "check", takes: undefined, doc: "read the configuration, and end" },
  { name: "inner", takes: undefined, doc: "not told", hidden: true },
];

const about = {
  daemon: "ftpd",
  program: "holdfast-ftpd",
  does: "file transfer",
  verbs: [{ name: "run", doc: "serve until SIGTERM" }],
};

test("the help text", () => {
  const help = helpText(about, options, sections);
  expectGolden("config/help.txt", `${help}\n`);
  expect(help).not.toContain("inner");
  expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("the manual", () => expectGolden("config/manual.md", manual(about, sections)));

test("the manual page", () => {
  const build = { version: "1.2.3", date: "2026-11-21T00:00:00.000Z" };
  expectGolden("config/page.8", manPage(about, options, sections, build));
  expect(roff(".a\\b-c\n'd – é")).toBe("\\&.a\\eb\\-c\n\\&'d \\[u2013] \\[u00E9]");
});

test("the JSON Schema, by which the example is right and a misspelt key is wrong", () => {
  const schema = jsonSchema("ftpd", sections);
  expectGolden("config/schema.json", `${JSON.stringify(schema, undefined, 2)}\n`);
  const check = z.fromJSONSchema(schema);
  const example = JSON.parse(exampleFile(sections, "json")) as Record<string, Record<string, unknown>>;
  expect(check.safeParse(example).success).toBe(true);
  expect(check.safeParse({ ftp: { idleTimout: "1m" } }).success).toBe(false);
  expect(check.safeParse({ ftp: { idleTimeout: "soon" } }).success).toBe(false);
});

test.each(exampleLanguages)("the example in %s, which says what the defaults say", async (language) => {
  const example = exampleFile(sections, language);
  expectGolden(`config/example.${language}`, example);
  const request = { daemon: "ftpd", sections, foreign: [], flags: [], ports: "privileged" } as const;
  const source = memorySource({ [`/e/ftpd.${language}`]: example });
  const stated = await load({ ...request, from: { folder: "/e" } }, source);
  const silent = await load({ ...request, from: { folder: "/none" } }, source);
  if (!stated.ok || !silent.ok) throw new Error(JSON.stringify(stated));
  expect(stated.value.config).toEqual(silent.value.config);
});

const configOf = async (yaml: string): Promise<ConfigOf<typeof sections>> => {
  const loaded = await load(
    { daemon: "ftpd", sections, foreign: [], flags: [], ports: "privileged", from: { folder: "/e" } },
    memorySource({ "/e/ftpd.yaml": yaml }),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.fault));
  return loaded.value.config;
};

test("the reload plan: what is live is taken over, the rest waits", async () => {
  const before = await configOf("vault: {password: one}");
  const after = await configOf(
    "ftp: {listen: ':22', idleTimeout: 1m, admins: [a]}\nvault: {password: two, dir: /srv}",
  );
  const plan = reloadPlan(sections, before, after);
  expect(plan).toEqual({
    live: ["ftp.idleTimeout"],
    restart: ["ftp.listen", "ftp.admins", "vault.dir", "vault.password"],
  });
  const now = applied(before, after, plan);
  expect(now.ftp.idleTimeout).toBe(60_000);
  expect(now.ftp.listen).toEqual(before.ftp.listen);
  expect(now.vault.password?.reveal()).toBe("one");
  expect(reloadPlan(sections, before, before)).toEqual({ live: [], restart: [] });
});

test("the flags: values, booleans and their opposites, verbs, and what is wrong", () => {
  const read = (...argv: string[]) => readCommandLine(argv, options, sections);
  const line = read("run", "--check", "--config=/e", "--no-ftp-anonymous", "--ftp-mode", "both", "--", "--x");
  expect(line.words).toEqual(["run", "--x"]);
  expect([...line.options]).toEqual([
    ["check", ""],
    ["config", "/e"],
  ]);
  expect(line.statements.map(({ section, key, value }) => [section, key, value])).toEqual([
    ["ftp", "anonymous", { at: { source: "--no-ftp-anonymous" }, scalar: "false" }],
    ["ftp", "mode", { at: { source: "--ftp-mode" }, scalar: "both" }],
  ]);
  const wrong = read("--ftp-mod", "--check=yes", "--no-ftp-mode", "--config");
  expect(wrong.problems.map(({ what }) => what)).toEqual([
    "unknown flag --ftp-mod",
    "--check takes no value",
    "unknown flag --no-ftp-mode",
    "--config wants a value",
  ]);
});

test("no file, however wild, throws: it loads or it has problems", async () => {
  const words = "\n [ ] { } : &a *a | > ? \" ' # = ; % - ftp: vault: idleTimeout 10m null << !!map".split(
    " ",
  );
  words.push(" ", "\t", "${env:X}", "\u0000", "\ud800");
  const wild = fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(wild, fc.constantFrom("yaml", "json", "ini"), async (parts, language) => {
      const source = memorySource({ [`/e/ftpd.${language}`]: parts.join("") });
      const from = { folder: "/e" };
      const request = { daemon: "ftpd", sections, foreign: [], flags: [], ports: "auto", from } as const;
      const loaded = await load(request, source);
      if (!loaded.ok) expect(loaded.fault.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
