import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { top } from "../sources.ts";
import { run, type Ran } from "./peers.ts";

export interface Utcd extends AsyncDisposable {
  /** By name: "ntp", "time", "daytime" … */
  readonly ports: Readonly<Record<string, number>>;
  /** The daemon's data directory; a test may keep its own files there. */
  readonly data: string;
  readonly pid: number;
  /** Runs a client where it can reach the daemon. */
  run(command: readonly string[], how?: Parameters<typeof run>[1]): Promise<Ran>;
  said(): string;
}

export interface UtcdHow {
  readonly flags?: readonly string[];
  /** In a network of its own, where every port is free and nothing reaches the machine's own clock. */
  readonly ownNetwork?: boolean;
  /** A data directory that outlives the daemon. */
  readonly data?: string;
  /** What the command stands behind: "taskset -c 0". */
  readonly under?: readonly string[];
  /** Puts its files into the data directory, which is the configuration's too. */
  readonly beforeStart?: (data: string) => Promise<void>;
}

/** Starts holdfast-utcd from source: on free ports, or on the usual ones in a network of its own. */
export async function startUtcd(how: UtcdHow = {}): Promise<Utcd> {
  const data = how.data ?? (await mkdtemp(join(tmpdir(), "holdfast-utcd-")));
  await how.beforeStart?.(data);
  const ready = join(data, `ready-${crypto.randomUUID()}.json`);
  const command = [process.execPath, "--no-env-file", join(top, "cmd/utcd/main.ts")];
  const ports = how.ownNetwork ? [] : ["--ports", "auto"];
  const flags = ["--data", data, "--config", data, "--ready-file", ready, ...ports, ...(how.flags ?? [])];
  const inside = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  const before = [...(how.under ?? []), ...(how.ownNetwork ? inside : [])];
  const child = Bun.spawn([...before, ...command, ...flags], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said: string[] = [];
  const reading = collect(child.stderr, said);
  for (const until = performance.now() + 60_000; !existsSync(ready); await Bun.sleep(20)) {
    if (child.exitCode === null && performance.now() < until) continue;
    child.kill("SIGKILL");
    throw new Error(`utcd did not start: ${said.join("")}`);
  }
  const addresses = JSON.parse(await readFile(ready, "utf8")) as Record<string, { port: number }>;
  const reach = how.ownNetwork ? ["nsenter", "-t", String(child.pid), "-n"] : [];
  return {
    ports: Object.fromEntries(Object.entries(addresses).map(([name, { port }]) => [name, port])),
    data,
    pid: child.pid,
    run: (client, more) => run([...reach, ...client], { seconds: 30, ...more }),
    said: () => said.join(""),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      await reading;
      if (!how.data) await rm(data, { recursive: true, force: true });
    },
  };
}

async function collect(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }));
}
