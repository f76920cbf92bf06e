import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { fromBase64 } from "../lib/base/bytes.ts";
import type { Entropy } from "../lib/base/entropy.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { chainedNonce, roughtimeRequest, type Link } from "../lib/proto/roughtime/client.ts";

/** A Roughtime server and its long-term key. */
export interface RoughServer {
  readonly host: string;
  readonly port: number;
  readonly publicKey: Uint8Array;
}

/** A link with the moments between which the server must have answered, on the asker's clock. */
export interface TimedLink extends Link {
  readonly server: RoughServer;
  readonly leftAt: number;
  readonly cameAt: number;
}

const patienceMs = 3000;

/** Reads "host:port,key". Faults: invalid. */
export function roughServerOf(text: string): Result<RoughServer> {
  const [, host, port, key = ""] = /^\[?([^\]]+?)\]?:(\d{1,5}),(.+)$/.exec(text) ?? [];
  const publicKey = fromBase64(key);
  if (host === undefined || publicKey?.length !== 32) {
    return fail("invalid", "a server is HOST:PORT,KEY with the key in base64", { where: text });
  }
  return ok({ host, port: Number(port), publicKey });
}

/** Asks the servers in a chain, `rounds` times in the same order: each question is bound to the answer
 *  before.
 *  `clock` is read at each question and answer. Faults: timeout. */
export async function roughtimeChain(
  servers: readonly RoughServer[],
  rounds: number,
  entropy: Entropy,
  clock: () => number,
): Promise<Result<TimedLink[]>> {
  const links: TimedLink[] = [];
  for (let i = 0; i < servers.length * rounds; i++) {
    const server = servers[i % servers.length]!;
    const random = entropy(32);
    const before = links.at(-1);
    const nonce = before ? chainedNonce(before.response, random) : random;
    const request = roughtimeRequest(nonce, server.publicKey);
    const leftAt = clock();
    const response = await ask(server, request);
    if (!response) {
      return fail("timeout", "a server does not answer", { where: `${server.host}:${server.port}` });
    }
    const { publicKey } = server;
    links.push({ server, publicKey, random, request, response, leftAt, cameAt: clock() });
  }
  return ok(links);
}

function ask({ host, port }: RoughServer, request: Uint8Array): Promise<Uint8Array | undefined> {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  return new Promise((resolve) => {
    const end = (response?: Uint8Array): void => {
      clearTimeout(patience);
      socket.close();
      resolve(response);
    };
    const patience = setTimeout(end, patienceMs);
    socket.once("message", (bytes: Buffer) => end(Uint8Array.from(bytes)));
    socket.once("error", () => end());
    socket.send(request, port, host);
  });
}
