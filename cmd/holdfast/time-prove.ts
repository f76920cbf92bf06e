import { writeFile } from "node:fs/promises";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { chainReport, judgeChain } from "../../lib/proto/roughtime/client.ts";
import { roughServerOf, roughtimeChain } from "../roughtime-chain.ts";
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

/** The same servers twice in the same order: whoever lies contradicts one that came before and one after. */
const rounds = 2;

async function prove(call: Call): Promise<number> {
  const servers = call.options("server").map(roughServerOf);
  const wrong = servers.find((one) => !one.ok);
  if (wrong && !wrong.ok) return call.refuse(wrong.fault);
  if (servers.length === 0) return call.refuse({ code: "invalid", what: "name servers with --server" });
  const known = servers.flatMap((one) => (one.ok ? [one.value] : []));
  const links = await roughtimeChain(known, rounds, systemEntropy(), () => 0);
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
