/** How soon each daemon serves after it was started, and what it takes when nobody asks it anything. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { daemonNames, type Daemon } from "../../cmd/daemons.ts";
import { top } from "../sources.ts";
import { cpuSeconds, residentBytes } from "./process.ts";
import { median, record, type Entry } from "./record.ts";

const title = "Start and idle memory of each daemon";
const rounds = 5;
const idleMs = 2000;

interface Start {
  readonly readyMs: number;
  /** Processor time until it served. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

type Command = (daemon: Daemon) => readonly string[];

const ways: Readonly<Record<string, Command>> = {
  source: (daemon) => [process.execPath, "--no-env-file", join(top, "cmd", daemon, "main.ts")],
  compiled: (daemon) => [join(top, "dist", `holdfast-${daemon}`)],
};

/** Compiled binaries are measured where `npm run build` has made them. */
export const startEntries = (): Entry[] => [
  {
    title,
    async run() {
      console.log(`\n${title}`);
      const rows: string[] = [];
      for (const [way, command] of Object.entries(ways)) {
        for (const daemon of daemonNames) {
          if (!existsSync(command(daemon).at(-1)!)) continue;
          const row = await rowOf(daemon, way, command(daemon));
          rows.push(row);
          console.log(row);
        }
      }
      const head = "| daemon | from | first start, ms | later starts, ms | CPU ms | resident MB |";
      const how = `median of ${rounds} starts on one data directory; resident after ${idleMs / 1000} s idle`;
      await record(title, how, [head, "|---|---|---|---|---|---|", ...rows].join("\n"));
    },
  },
];

async function rowOf(daemon: Daemon, way: string, command: readonly string[]): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  try {
    const first = await startOnce(daemon, command, data);
    const later: Start[] = [];
    for (let i = 0; i < rounds; i++) later.push(await startOnce(daemon, command, data));
    const of = (pick: (start: Start) => number): string => median(later.map(pick))!.toFixed(0);
    const resident = (median(later.map((start) => start.residentBytes))! / 1e6).toFixed(1);
    const ready = of(({ readyMs }) => readyMs);
    const cells = [daemon, way, first.readyMs.toFixed(0), ready, of(({ cpuMs }) => cpuMs), resident];
    return `| ${cells.join(" | ")} |`;
  } finally {
    await rm(data, { recursive: true });
  }
}

async function startOnce(daemon: Daemon, command: readonly string[], data: string): Promise<Start> {
  const readyFile = join(data, `ready-${crypto.randomUUID()}.json`);
  const observe = daemon === "utcd" ? ["--clock-mode", "observe"] : [];
  const flags = ["--data", data, "--ports", "auto", "--ready-file", readyFile, ...observe];
  const began = performance.now();
  const child = Bun.spawn([...command, ...flags], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null) throw new Error(`${daemon} has ended before it was ready`);
    await Bun.sleep(1);
  }
  const readyMs = performance.now() - began;
  const cpuMs = cpuSeconds(child.pid) * 1000;
  await Bun.sleep(idleMs);
  const resident = residentBytes(child.pid);
  child.kill("SIGTERM");
  await child.exited;
  return { readyMs, cpuMs, residentBytes: resident };
}
