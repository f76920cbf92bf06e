import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstRun } from "../../cmd/first-run.ts";
import { must } from "../../lib/base/result.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { top } from "../sources.ts";
import { run, type Ran } from "./peers.ts";
import { record, recording, succeeded } from "./record-clients.ts";

export interface S3d extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  readonly keyId: string;
  readonly secret: string;
  readonly data: string;
  /** A folder for the clients' own files. */
  readonly files: string;
  readonly pid: number;
  /** Runs a client with the credentials in its environment, and a home of its own. */
  run(command: readonly string[], how?: Parameters<typeof run>[1]): Promise<Ran>;
  said(): string;
}

/** Starts holdfast-s3d from source on a free port, with the first administrator's key pair. */
export async function startS3d(flags: readonly string[] = []): Promise<S3d> {
  const data = await mkdtemp(join(tmpdir(), "holdfast-s3d-"));
  const files = await mkdtemp(join(tmpdir(), "holdfast-s3c-"));
  const needs = { data, clock: systemClock(), entropy: systemEntropy(), log: silentLog };
  const credentials = must(await firstRun(needs));
  const ready = join(data, "ready.json");
  const command = [process.execPath, "--no-env-file", join(top, "cmd/s3d/main.ts")];
  const where = ["--data", data, "--config", data, "--ready-file", ready, "--s3-listen", "127.0.0.1:0"];
  const child = Bun.spawn([...command, ...where, "--ports", "auto", ...flags], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said: string[] = [];
  const reading = collect(child.stderr, said);
  for (const until = performance.now() + 60_000; !existsSync(ready); await Bun.sleep(20)) {
    if (child.exitCode === null && performance.now() < until) continue;
    child.kill("SIGKILL");
    throw new Error(`s3d did not start: ${said.join("")}`);
  }
  const { s3 } = JSON.parse(await readFile(ready, "utf8")) as { s3: { port: number } };
  const { accessKeyId: keyId, secretAccessKey: secret } = credentials;
  const env = {
    HOME: files,
    AWS_ACCESS_KEY_ID: keyId,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    AWS_CA_BUNDLE: "",
    PYENV_ROOT: process.env["PYENV_ROOT"] ?? `${process.env["HOME"]}/.pyenv`,
  };
  return {
    port: s3.port,
    endpoint: `http://127.0.0.1:${s3.port}`,
    keyId,
    secret,
    data,
    files,
    pid: child.pid,
    async run(client, how = {}) {
      const before = recording ? await succeeded(data) : undefined;
      const ran = await run(client, { seconds: 60, cwd: files, ...how, env: { ...env, ...how.env } });
      if (before) record(client[0]!, before, await succeeded(data));
      return ran;
    },
    said: () => said.join(""),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      await reading;
      await rm(data, { recursive: true, force: true });
      await rm(files, { recursive: true, force: true });
    },
  };
}

async function collect(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }));
}

/** Bytes that no compression shortens and no mistake repeats. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
