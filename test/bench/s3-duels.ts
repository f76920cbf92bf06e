import { startHouse } from "../interop/house.ts";
import type { Contender, Duel, Tally } from "./duel.ts";
import { load } from "./http-load.ts";
import { nginx } from "./nginx.ts";

const small = new Uint8Array(4096).map((_, i) => i * 31);
const large = 2 ** 30;
const connections = 32;
const seconds = 5;

/** Holdfast's S3 beside nginx: nginx signs, checks and promises nothing, so it is the limit, not a rival. */
export function s3Duels(): Duel[] {
  return [
    {
      title: "S3 GET 4 KiB, 32 connections",
      unit: "requests/s",
      rounds: 3,
      contenders: [
        holdfast({
          promise: "signed",
          prepare: (at) => at.client.write("bench/small", small),
          run: (at) => many(at.port, [head("GET", at.signed("bench/small", "GET"), at.host)]),
        }),
        nginx("small", small, (port) => many(port, [head("GET", "/small", `127.0.0.1:${port}`)])),
      ],
    },
    {
      title: "S3 PUT 4 KiB, 32 connections",
      unit: "requests/s",
      rounds: 3,
      contenders: [
        holdfast({
          promise: "signed; on disk before the answer",
          run: (at) => {
            const keys = Array.from({ length: 50_000 }, (_, i) => `bench/put/${i}`);
            return many(
              at.port,
              keys.map((key) => put(at.signed(key, "PUT"), at.host)),
              small.length,
            );
          },
        }),
      ],
    },
    {
      title: "S3 GET 1 GiB, one connection",
      unit: "MB/s",
      rounds: 3,
      contenders: [
        holdfast({
          promise: "signed",
          prepare: (at) => writeLarge(at.client),
          run: (at) => bulk(at.port, head("GET", at.signed("bench/large", "GET"), at.host)),
        }),
        nginx("large", new Uint8Array(large), (port) =>
          bulk(port, head("GET", "/large", `127.0.0.1:${port}`)),
        ),
      ],
    },
  ];
}

/** What a run against our S3 door needs. */
interface Door {
  readonly client: Bun.S3Client;
  readonly host: string;
  readonly port: number;
  /** The request target of a presigned URL. */
  signed(key: string, method: "GET" | "PUT"): string;
}

interface Ours {
  readonly promise: string;
  readonly prepare?: (at: Door) => Promise<unknown>;
  readonly run: (at: Door) => Promise<Tally>;
}

function holdfast({ promise, prepare, run }: Ours): Contender {
  return {
    name: "holdfast-s3d",
    promise,
    async start() {
      const house = await startHouse();
      const { s3 } = house.ready;
      const client = new Bun.S3Client({ ...s3, bucket: "home" });
      const { host, port } = new URL(s3.endpoint);
      const signed = (key: string, method: "GET" | "PUT"): string => {
        const url = new URL(client.presign(key, { method, expiresIn: 3600 }));
        return url.pathname + url.search;
      };
      const at: Door = { client, host, port: Number(port), signed };
      await prepare?.(at);
      return {
        pids: [house.pid],
        run: () => run(at),
        [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
      };
    },
  };
}

async function writeLarge(client: Bun.S3Client): Promise<void> {
  const writer = client.file("bench/large").writer({ partSize: 64 << 20, queueSize: 2 });
  const chunk = new Uint8Array(16 << 20).map((_, i) => i);
  for (let at = 0; at < large; at += chunk.length) await writer.write(chunk);
  await writer.end();
}

const head = (method: string, target: string, host: string): string =>
  `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

const put = (target: string, host: string): string =>
  `PUT ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${small.length}\r\n\r\n`;

async function many(port: number, heads: readonly string[], bodyBytes = 0): Promise<Tally> {
  const done = await load({ host: "127.0.0.1", port, connections, heads, bodyBytes, seconds, expect: 200 });
  return { units: done.answers, seconds: done.seconds, p50: done.p50, p99: done.p99 };
}

async function bulk(port: number, head: string): Promise<Tally> {
  const orders = { host: "127.0.0.1", port, connections: 1, heads: [head], bodyBytes: 0, expect: 200 };
  const done = await load({ ...orders, seconds: 60, requests: 3 });
  return { units: done.bodyBytes / 1e6, seconds: done.seconds };
}
