import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { top } from "../sources.ts";
import { run, type Ran } from "./peers.ts";

/** holdfast-ftpd in a process of its own, on free ports and a data directory that goes with it. */
export interface Ftpd extends AsyncDisposable {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly user: string;
  readonly password: string;
  readonly data: string;
  readonly pid: number;
  /** A folder for the clients. */
  readonly work: string;
  said(): string;
  /** Runs the operator's command line on this house. */
  holdfast(...words: readonly string[]): Promise<Ran>;
  /** Asks the admin API as the house's owner does; rejects where it refuses. */
  admin(method: string, path: string, body?: object): Promise<unknown>;
}

const host = "127.0.0.1";

export async function startFtpd(...flags: readonly string[]): Promise<Ftpd> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-ftpd-"));
  const work = await mkdtemp(join(tmpdir(), "holdfast-ftp-work-"));
  const data = join(folder, "data");
  const ready = join(folder, "ready.json");
  const config = flags.includes("--config") ? [] : ["--config", folder];
  const fixed = ["--data", data, ...config, "--ports", "auto", "--ready-file", ready];
  const child = Bun.spawn(
    [process.execPath, "--no-env-file", join(top, "cmd/ftpd/main.ts"), ...fixed, ...flags],
    { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  const said: string[] = [];
  const reading = collect(child.stderr, said);
  for (const until = performance.now() + 60_000; !existsSync(ready); await Bun.sleep(20)) {
    if (child.exitCode === null && performance.now() < until) continue;
    child.kill("SIGKILL");
    throw new Error(`ftpd did not start: ${said.join("")}`);
  }
  const addresses = JSON.parse(await readFile(ready, "utf8")) as Record<string, { port: number }>;
  const { user, password } = JSON.parse(await readFile(join(data, "first-run.json"), "utf8")) as Ftpd;
  return {
    host,
    ports: Object.fromEntries(Object.entries(addresses).map(([name, { port }]) => [name, port])),
    user,
    password,
    data,
    pid: child.pid,
    work,
    said: () => said.join(""),
    holdfast: (...words) =>
      run([process.execPath, "--no-env-file", join(top, "cmd/holdfast/main.ts"), "--data", data, ...words]),
    admin: async (method, path, body) => {
      const answer = await fetch(`http://house/api/v1${path}`, {
        unix: join(data, "run/ftpd.sock"),
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      await reading;
      await rm(folder, { recursive: true, force: true });
      await rm(work, { recursive: true, force: true });
    },
  };
}

async function collect(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }));
}
