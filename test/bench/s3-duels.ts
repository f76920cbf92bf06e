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
          run: (at) => many(at, [head("GET", at.signed("bench/small", "GET"), at.host)], 200),
        }),
        nginx("small", small, (port) => manyFrom(port, [head("GET", "/small", `127.0.0.1:${port}`)])),
      ],
    },
    {
      title: "S3 PUT 4 KiB, 32 connections",
      unit: "requests/s",
      rounds: 3,
      contenders: [
        holdfast({
          promise: "signed; on disk before the answer",
          run(at) {
            const keys = Array.from({ length: 2000 }, (_, i) => `bench/put/${i}`);
            return many(
              at,
              keys.map((key) => put(at.signed(key, "PUT"), at.host)),
              200,
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

const base64 = (text: string, body: Uint8Array = new Uint8Array(0)): string =>
  Buffer.concat([Buffer.from(text), body]).toString("base64");

const head = (method: string, target: string, host: string): string =>
  base64(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

const put = (target: string, host: string): string =>
  base64(`PUT ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${small.length}\r\n\r\n`, small);

async function many(at: { port: number }, messages: readonly string[], expect: number): Promise<Tally> {
  const orders = { host: "127.0.0.1", port: at.port, connections, messages, expect };
  const done = await load({ ...orders, seconds });
  return { units: done.answers, seconds: done.seconds, p50: done.p50, p99: done.p99 };
}

const manyFrom = (port: number, messages: readonly string[]): Promise<Tally> => many({ port }, messages, 200);

async function bulk(port: number, message: string): Promise<Tally> {
  const orders = { host: "127.0.0.1", port, connections: 1, messages: [message], expect: 200 };
  const done = await load({ ...orders, seconds: 60, requests: 3 });
  return { units: done.bodyBytes / 1e6, seconds: done.seconds };
}
