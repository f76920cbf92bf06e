/** `npm run build [-- [--target NAME]… [--out DIR] [--version V] [BINARY]…]`: one executable a daemon, into
 *  dist/. */
import { Glob, type BunPlugin } from "bun";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFacts, top, type BuildFacts } from "./facts.ts";
import { foreignRuntime, hostTarget, targets } from "./targets.ts";

/** Which binary is made of which folder of cmd/. */
const sources: Readonly<Record<string, string>> = {
  holdfast: "cmd/holdfast",
  "holdfast-s3d": "cmd/s3d",
  "holdfast-ftpd": "cmd/ftpd",
  "holdfast-smbd": "cmd/smbd",
  "holdfast-utcd": "cmd/utcd",
};

/** Native add-ons that packages use where they find them: they cannot be loaded from inside one file. */
const withoutAddons: BunPlugin = {
  name: "without native add-ons",
  setup(build) {
    build.onResolve({ filter: /^(?:cpu-features|msgpackr-extract)$|\.node$/ }, ({ path }) => {
      return { path, namespace: "absent" };
    });
    build.onLoad({ filter: /./, namespace: "absent" }, ({ path }) => {
      return { contents: `throw new Error("${path} is not part of this binary");`, loader: "js" };
    });
  },
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      target: { type: "string", multiple: true },
      out: { type: "string", default: join(top, "dist") },
      version: { type: "string" },
    },
    allowPositionals: true,
  });
  const here = hostTarget();
  const wanted = values.target ?? (here ? [here] : []);
  const unknown = [
    ...wanted.filter((name) => !(name in targets)),
    ...positionals.filter((name) => !(name in sources)),
  ];
  if (wanted.length === 0 || unknown.length > 0) {
    console.error(`build: not known: ${unknown.join(", ") || "this machine's kind"}`);
    console.error(`  targets: ${Object.keys(targets).join(" ")}`);
    console.error(`  binaries: ${Object.keys(sources).join(" ")}`);
    return 64;
  }
  const facts = await buildFacts(values.version);
  const names = positionals.length > 0 ? positionals : Object.keys(sources);
  for (const target of wanted) {
    for (const name of names)
      if (existsSync(join(top, sources[name]!, "main.ts"))) await build(name, target, facts, values.out);
  }
  return 0;
}

async function build(name: string, targetName: string, facts: BuildFacts, out: string): Promise<void> {
  const started = performance.now();
  const target = targets[targetName]!;
  const native = targetName === hostTarget();
  const folder = native ? out : join(out, targetName);
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, name + target.suffix);
  const cache = join(top, ".cache/runtimes");
  const runtime = native ? {} : { executablePath: await foreignRuntime(target, Bun.version, cache) };
  const made = await Bun.build({
    entrypoints: [join(top, sources[name]!, "main.ts"), ...(await workers(sources[name]!))],
    root: top,
    format: "esm",
    target: "bun",
    bytecode: true,
    sourcemap: "inline",
    minify: { whitespace: true, syntax: true, identifiers: false },
    define: {
      HOLDFAST_VERSION: JSON.stringify(facts.version),
      HOLDFAST_COMMIT: JSON.stringify(facts.commit),
      HOLDFAST_DATE: JSON.stringify(facts.date),
    },
    plugins: [withoutAddons],
    compile: { target: target.compile, outfile, autoloadDotenv: false, autoloadBunfig: false, ...runtime },
    throw: false,
  });
  if (!made.success) throw new Error(made.logs.map(String).join("\n"));
  const megabytes = (Bun.file(outfile).size / 1e6).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${targetName.padEnd(16)} ${name.padEnd(14)} ${megabytes} MB  ${seconds} s`);
}

/** Every `*-worker.ts` of lib, and of the binary's own folder, is an entry point: found at run time by
 *  `workerUrl`. */
async function workers(folder: string): Promise<string[]> {
  const scans = ["lib/**", folder].map((place) => new Glob(`${place}/*-worker.ts`).scan({ cwd: top }));
  const found = await Promise.all(scans.map((scan) => Array.fromAsync(scan)));
  return found
    .flat()
    .toSorted()
    .map((path) => join(top, path));
}

process.exitCode = await main();
