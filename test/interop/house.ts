import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { top } from "../sources.ts";

/** What `holdfast up --ready-file` writes; a service that does not exist is absent. */
export interface Ready {
  readonly console: { readonly url: string; readonly token: string };
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  readonly ftp: FileDoor;
  readonly sftp?: FileDoor;
  readonly smb?: FileDoor;
  readonly time: {
    readonly host: string;
    readonly ntp: number;
    readonly time?: number;
    readonly daytime?: number;
    readonly ntske?: number;
  };
}

export interface FileDoor {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface House extends AsyncDisposable {
  readonly ready: Ready;
  readonly data: string;
  readonly pid: number;
  /** Everything the house has written so far. */
  said(): string;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number>;
}

export interface HouseHow {
  /** A data directory to start on again; a new one, removed at the end, where absent. */
  readonly data?: string;
  /** The command before "up": the source by default, or a compiled binary. */
  readonly command?: readonly string[];
  readonly flags?: readonly string[];
}

const fromSource = [process.execPath, "--no-env-file", join(top, "cmd/holdfast/main.ts")];

/** Brings up one host's services as `npm start` does, on free ports and a data directory of its own. */
export async function startHouse(how: HouseHow = {}): Promise<House> {
  const data = how.data ?? (await mkdtemp(join(tmpdir(), "holdfast-house-")));
  const readyFile = join(data, `ready-${crypto.randomUUID()}.json`);
  const flags = ["up", "--data", data, "--ports", "auto", "--ready-file", readyFile, ...(how.flags ?? [])];
  const child = Bun.spawn([...(how.command ?? fromSource), ...flags], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const said: string[] = [];
  void collect(child.stdout, said);
  void collect(child.stderr, said);
  const ready = await waitForReady(readyFile, child, said);
  const stop = async (): Promise<number> => {
    child.kill("SIGTERM");
    return child.exited;
  };
  return {
    ready,
    data,
    pid: child.pid,
    said: () => said.join(""),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      if (!how.data) await rm(data, { recursive: true, force: true });
    },
  };
}

async function waitForReady(file: string, child: Bun.Subprocess, said: readonly string[]): Promise<Ready> {
  const until = performance.now() + 20_000;
  while (!existsSync(file)) {
    if (child.exitCode !== null || performance.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`the house did not come up:\n${said.join("")}`);
    }
    await Bun.sleep(10);
  }
  return JSON.parse(await readFile(file, "utf8")) as Ready;
}

async function collect(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }));
}
