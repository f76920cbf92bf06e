/** Holdfast's S3 beside other S3 servers, installed by `go install`: see `goPeers`. What each promises with
 *  its answer stands beside its name, for only like promises compare:
 *  D0 in memory, D1 the data on disk and its name not, D2 data and name on disk. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { startS3d } from "../interop/s3d.ts";
import type { Contender, Duel, Running, Tally } from "./duel.ts";
import { load } from "./http-load.ts";
import { openDoor, type S3Door } from "./s3-door.ts";
import { freePort, listening } from "./server.ts";

const small = new Uint8Array(4096).map((_, i) => i * 31);
const medium = new Uint8Array(10 << 20).map((_, i) => i * 31);

interface Trial {
  readonly title: string;
  readonly unit: "requests/s" | "MB/s";
  readonly prepare?: (at: S3Door) => Promise<void>;
  readonly run: (at: S3Door) => Promise<Tally>;
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `bench/${i}`);

const trials: readonly Trial[] = [
  {
    title: "S3 rivals: GET 4 KiB, 16 connections",
    unit: "requests/s",
    prepare: (at) => at.put("small", small),
    run: (at) => many(at, [at.head("GET", "small")]),
  },
  {
    title: "S3 rivals: STAT 4 KiB, 16 connections",
    unit: "requests/s",
    prepare: (at) => at.put("small", small),
    run: (at) => many(at, [at.head("HEAD", "small")]),
  },
  {
    title: "S3 rivals: PUT 4 KiB, 16 connections",
    unit: "requests/s",
    run: (at) =>
      many(
        at,
        keys(30_000).map((key) => at.head("PUT", key, small.length)),
        small.length,
      ),
  },
  {
    title: "S3 rivals: GET 10 MiB, 4 connections",
    unit: "MB/s",
    prepare: (at) => at.put("medium", medium),
    run: (at) => bulk(at, [at.head("GET", "medium")]),
  },
  {
    title: "S3 rivals: PUT 10 MiB, 4 connections",
    unit: "MB/s",
    run: (at) =>
      bulk(
        at,
        keys(400).map((key) => at.head("PUT", key, medium.length)),
        medium.length,
      ),
  },
];

export function s3Rivals(): Duel[] {
  return trials.map(({ title, unit, prepare, run }) => {
    const asked = { prepare: prepare ?? (async () => {}), run };
    return { title, unit, rounds: 3, contenders: [ours(asked), ...goPeers(asked)] };
  });
}

async function many(at: S3Door, heads: readonly string[], bodyBytes = 0): Promise<Tally> {
  const orders = { host: "127.0.0.1", port: at.port, connections: 16, heads, bodyBytes, expect: 200 };
  const done = await load({ ...orders, seconds: 5 });
  return { units: done.answers, seconds: done.seconds, p50: done.p50, p99: done.p99 };
}

async function bulk(at: S3Door, heads: readonly string[], bodyBytes = 0): Promise<Tally> {
  const orders = { host: "127.0.0.1", port: at.port, connections: 4, heads, bodyBytes, expect: 200 };
  const done = await load({ ...orders, seconds: 5 });
  const bytes = bodyBytes > 0 ? done.answers * bodyBytes : done.bodyBytes;
  return { units: bytes / 1e6, seconds: done.seconds, p50: done.p50, p99: done.p99 };
}

type Asked = Required<Pick<Trial, "prepare" | "run">>;

const ours = ({ prepare, run }: Asked): Contender => ({
  name: "holdfast-s3d",
  promise: "D2",
  async start() {
    const s3d = await startS3d();
    const by = { keyId: s3d.keyId, secret: s3d.secret, region: "us-east-1" };
    const at = await openDoor(s3d.port, by, "bench");
    await prepare(at);
    return { pids: [s3d.pid], run: () => run(at), [Symbol.asyncDispose]: () => s3d[Symbol.asyncDispose]() };
  },
});

/** How a peer is started over `folder`, listening on `port`. */
interface GoPeer {
  readonly name: string;
  readonly promise: string;
  readonly binary: string;
  readonly module: string;
  readonly command: (folder: string, port: number, other: number) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const login = { keyId: "holdfast-bench", secret: "holdfast-bench-secret", region: "us-east-1" };

const peers: readonly GoPeer[] = [
  {
    name: "MinIO",
    promise: "D0–D1: what is small is not synced",
    binary: "minio",
    module: "github.com/minio/minio@latest",
    command: (folder, port, other) => [
      "server",
      folder,
      "--quiet",
      "--address",
      `127.0.0.1:${port}`,
      "--console-address",
      `127.0.0.1:${other}`,
    ],
    environment: { MINIO_ROOT_USER: login.keyId, MINIO_ROOT_PASSWORD: login.secret, MINIO_UPDATE: "off" },
  },
  {
    name: "versitygw",
    promise: "D0: nothing is synced",
    binary: "versitygw",
    module: "github.com/versity/versitygw/cmd/versitygw@latest",
    command: (folder, port) => ["--port", `127.0.0.1:${port}`, "--keep-alive", "posix", folder],
    environment: { ROOT_ACCESS_KEY: login.keyId, ROOT_SECRET_KEY: login.secret },
  },
];

/** Those that are installed; what installs the others is said once. */
function goPeers(asked: Asked): Contender[] {
  return peers.flatMap((peer) => {
    const program = programOf(peer);
    return program === undefined ? [] : [goPeer(peer, program, asked)];
  });
}

function programOf({ name, binary, module }: GoPeer): string | undefined {
  const program = Bun.which(binary) ?? join(process.env["GOPATH"] ?? join(homedir(), "go"), "bin", binary);
  if (existsSync(program)) return program;
  console.error(`bench: without ${name}; to install it: go install ${module}`);
  return undefined;
}

const goPeer = (peer: GoPeer, program: string, { prepare, run }: Asked): Contender => ({
  name: peer.name,
  promise: peer.promise,
  async start(): Promise<Running> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-rival-"));
    const [port, other] = [await freePort(), await freePort()];
    const child = Bun.spawn([program, ...peer.command(folder, port, other)], {
      env: { ...process.env, ...peer.environment },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    await listening(port, 20_000);
    const at = await patiently(() => openDoor(port, login, "bench"));
    await prepare(at);
    return {
      pids: [child.pid],
      run: () => run(at),
      async [Symbol.asyncDispose]() {
        child.kill();
        await child.exited;
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});

/** A server that listens may not be ready yet. */
async function patiently<T>(make: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + 20_000; ; await Bun.sleep(200)) {
    try {
      return await make();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}
