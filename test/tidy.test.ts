import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSources, top } from "./sources.ts";
import { untidiness } from "./tidy.ts";

test("every file is tidy", async () => {
  const files = await readSources(["lib", "cmd", "packaging", "test"]);
  expect(files.flatMap(untidiness)).toEqual([]);
});

test("the visible top level is what DESIGN.md says", async () => {
  const names = (await readdir(top)).filter((name) => !name.startsWith("."));
  const made = new Set(["node_modules", "dist", "coverage"]);
  expect(names.filter((name) => !made.has(name)).sort()).toEqual([
    "LICENSE",
    "README.md",
    "bunfig.toml",
    "cmd",
    "lib",
    "package-lock.json",
    "package.json",
    "packaging",
    "test",
    "tsconfig.json",
  ]);
});

test("the lockfile names no download address", async () => {
  expect(await Bun.file(join(top, "package-lock.json")).text()).not.toContain("://registry");
});

const planted: [what: string, path: string, text: string][] = [
  ["a long file", "lib/base/x.ts", "//\n".repeat(401)],
  ["a long line", "lib/base/x.ts", `// ${"x".repeat(110)}\n`],
  ["module state", "lib/base/x.ts", "let count = 0;\n"],
  ["exported module state", "lib/base/x.ts", "export let count = 0;\n"],
  ["a barrel", "lib/base/x.ts", 'export * from "./a.ts";\nexport { b } from "./b.ts";\n'],
  ["a vague file", "lib/base/utils.ts", "\n"],
  ["a vague folder", "lib/store/helpers/x.ts", "\n"],
  ["a note to oneself", "lib/base/x.ts", `// ${"todo".toUpperCase()}: later\n`],
  ["a capital letter", "lib/base/Reader.ts", "\n"],
  ["a lonely test", "lib/base/x.test.ts", "test.only(`x`, () => {});\n"],
];

test.each(planted)("%s is found", (_what, path, text) => {
  expect(untidiness({ path, text })).toHaveLength(1);
});

const plantedLint = `export function f(x: number): number {
${"  x += 1;\n".repeat(61)}  return x;
}
export function g(): void {
  h();
}
async function h(): Promise<void> {}
`;

test("the linter finds a function over 60 lines, and a promise nobody awaits", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-planted-"));
  try {
    await Bun.write(join(folder, "planted.ts"), plantedLint);
    await Bun.write(join(folder, "tsconfig.json"), '{"compilerOptions":{"strict":true,"noEmit":true}}');
    await Bun.write(join(folder, ".oxlintrc.json"), Bun.file(join(top, ".oxlintrc.json")));
    const bin = join(top, "node_modules/.bin"); // where oxlint looks for the half that knows types
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
    const run = Bun.spawnSync([join(bin, "oxlint"), "-f", "unix"], { cwd: folder, env });
    const said = run.stdout.toString();
    expect(said).toContain("max-lines-per-function");
    expect(said).toContain("no-floating-promises");
  } finally {
    await rm(folder, { recursive: true });
  }
});
