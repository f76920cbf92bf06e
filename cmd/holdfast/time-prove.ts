import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { writeFile } from "node:fs/promises";
import { fromBase64 } from "../../lib/base/bytes.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import {
  chainedNonce,
  chainReport,
  judgeChain,
  roughtimeRequest,
  type Link,
} from "../../lib/proto/roughtime/client.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const timeProve: Verb = {
  name: "time prove",
  does: "ask Roughtime servers in a chain, and prove which of them lies",
  args: [],
  options: [
    { name: "server", takes: "HOST:PORT,KEY", doc: "a server and its public key in base64", many: true },
    { name: "report", takes: "FILE", doc: "write what anybody can verify, where a server lies" },
  ],
  examples: ["time prove --server roughtime.example.org:2002,AW5uAoTSTDfG5NfY1bTh08GUnOqlRb+HVhbJ3ODJvsE="],
  run: prove,
};

interface Server {
  readonly host: string;
  readonly port: number;
  readonly publicKey: Uint8Array;
}

const patienceMs = 3000;
/** The same servers twice in the same order: whoever lies contradicts one that came before and one after. */
const rounds = 2;

async function prove(call: Call): Promise<number> {
  const servers = call.options("server").map(serverOf);
  const wrong = servers.find((one) => !one.ok);
  if (wrong && !wrong.ok) return call.refuse(wrong.fault);
  if (servers.length === 0) return call.refuse({ code: "invalid", what: "name servers with --server" });
  const known = servers.flatMap((one) => (one.ok ? [one.value] : []));
  const links = await chain(known);
  if (!links.ok) return call.refuse(links.fault);
  const judged = judgeChain(links.value);
  if (!judged.ok) return call.refuse(judged.fault);
  const { times, contradiction } = judged.value;
  const rows = times.map(({ midpoint, radius }, i) => [
    known[i % known.length]!.host,
    new Date(midpoint * 1000).toISOString(),
    `${radius} s`,
  ]);
  call.print.answer({ times, contradiction: contradiction ?? null }, () =>
    call.print.table(["SERVER", "TIME", "WITHIN"], rows, "no server"),
  );
  if (!contradiction) return exitCode.ok;
  const path = call.option("report");
  if (path !== undefined) await writeFile(path, chainReport(links.value));
  const [a, b] = contradiction.map((i) => known[i % known.length]!.host);
  return call.refuse({ code: "conflict", what: `${a} and ${b} contradict each other: one of them lies` });
}

function serverOf(text: string): Result<Server> {
  const [, host, port, key = ""] = /^\[?([^\]]+?)\]?:(\d{1,5}),(.+)$/.exec(text) ?? [];
  const publicKey = fromBase64(key);
  if (host === undefined || publicKey?.length !== 32) {
    return fail("invalid", "a server is HOST:PORT,KEY with the key in base64", { where: text });
  }
  return ok({ host, port: Number(port), publicKey });
}

async function chain(servers: readonly Server[]): Promise<Result<Link[]>> {
  const entropy = systemEntropy();
  const links: Link[] = [];
  for (let i = 0; i < servers.length * rounds; i++) {
    const server = servers[i % servers.length]!;
    const random = entropy(32);
    const before = links.at(-1);
    const nonce = before ? chainedNonce(before.response, random) : random;
    const request = roughtimeRequest(nonce, server.publicKey);
    const response = await ask(server, request);
    if (!response)
      return fail("timeout", "a server does not answer", { where: `${server.host}:${server.port}` });
    links.push({ publicKey: server.publicKey, random, request, response });
  }
  return ok(links);
}

function ask({ host, port }: Server, request: Uint8Array): Promise<Uint8Array | undefined> {
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
