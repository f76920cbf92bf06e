/** `npm test`, `npm run check` and `npm run check:all`: which steps, in which order. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { top } from "./sources.ts";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const bin = (name: string): string => join(top, "node_modules/.bin", name);
const long = { HOLDFAST_LONG: "1" };

/** Syncing costs nothing in memory. What a power cut leaves is asked in test/sim, on the disk. */
const inMemory = existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {};

const format: Step = { name: "format", command: [bin("oxfmt"), "--check"] };
const lint: Step = { name: "lint and types", command: [bin("oxlint")] };
/** The linter asks TypeScript for types already; the compiler has the last word. */
const compiler: Step = { name: "types, by the compiler", command: [bin("tsc"), "-p", "."] };
/** Beside the code, and published vectors: seconds. */
const unit = tests("unit", ["lib", "cmd", "packaging", "test/vectors"], 2, inMemory);
const house = tests("house rules", ["test/layers.test.ts", "test/tidy.test.ts"], 1);
/** What takes longer or starts processes: fuzzing and simulation, short; whole daemons. */
const short = tests("fuzzing, simulation, daemons", ["test/fuzz", "test/sim", "test/house"], 2);
const longRuns = tests("long fuzzing, simulation and crashes", ["test/fuzz", "test/sim"], 1, long);
const daemons = tests("daemons", ["test/house"], 1);
const interop = tests("real clients", ["test/interop"], 1);
const binaries = tests("compiled binaries", ["test/binaries"], 1);

type Lane = readonly Step[];
/** A plan's stages follow one another; the lanes of a stage run side by side. */
const check: readonly (readonly Lane[])[] = [
  [
    [house, unit],
    [format, lint],
  ],
];
const plans: Readonly<Record<string, readonly (readonly Lane[])[]>> = {
  check,
  test: [[[house, unit, short, interop]]],
  "check:all": [...check, [[compiler, daemons, longRuns, interop, binaries]]],
};

function tests(name: string, where: string[], parallel: number, env: Record<string, string> = {}): Step {
  const folders = where.filter((path) => existsSync(join(top, path)));
  const timeout = parallel > 1 ? "--timeout=20000" : "--timeout=600000";
  // Real clients on a shared machine may starve once; twice is a failure.
  const patience = parallel > 1 ? [] : ["--retry=1"];
  const spread = parallel > 1 ? `--parallel=${parallel}` : "--isolate";
  const command = [process.execPath, "test", "--only-failures", "--pass-with-no-tests", spread, timeout];
  return { name, command: [...command, ...patience, ...folders.map((path) => `./${path}`)], env };
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

async function inTurn(lane: Lane, count: Count): Promise<void> {
  for (const step of lane) await run(step, count);
}

async function run(step: Step, count: Count): Promise<void> {
  const started = performance.now();
  console.log(`── ${step.name}`);
  const child = Bun.spawn([...step.command], {
    cwd: top,
    env: { ...process.env, ...step.env },
    stdout: "pipe",
    stderr: "pipe",
    stdin: "ignore",
  });
  const [out, err] = await Promise.all([relay(child.stdout, "out"), relay(child.stderr, "err")]);
  const code = await child.exited;
  const said = `${out}${err}`;
  const isTests = step.command.includes("test");
  count.passed += isTests ? sum(said, /^\s*(\d+) pass$/gm) : Number(code === 0);
  const failures = isTests ? sum(said, /^\s*(\d+) fail$/gm) : 0;
  count.failed += code === 0 ? failures : Math.max(1, failures);
  count.skipped += sum(said, /^\s*(\d+) skip$/gm);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`── ${step.name}: ${code === 0 ? "ok" : `failed (exit ${code})`}, ${seconds} s\n`);
}

async function relay(stream: ReadableStream<Uint8Array>, to: "out" | "err"): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    (to === "out" ? process.stdout : process.stderr).write(text);
    all += text;
  }
  return all;
}

const sum = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

async function main(): Promise<number> {
  const plan = plans[process.argv[2] ?? "test"];
  if (!plan) {
    console.error(`usage: run.ts ${Object.keys(plans).join("|")}`);
    return 64;
  }
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  for (const lanes of plan) await Promise.all(lanes.map((lane) => inTurn(lane, count)));
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
  return count.failed > 0 || count.passed === 0 ? 1 : 0;
}

process.exitCode = await main();
