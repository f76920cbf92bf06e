import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const transferList: Verb = {
  name: "transfer list",
  does: "what was moved by FTP, SFTP and scp, the latest first",
  args: [],
  options: [
    { name: "user", takes: "NAME", doc: "of one user alone" },
    { name: "limit", takes: "N", doc: "how many; 100 unless said" },
  ],
  examples: ["transfer list --user mia --limit 20"],
  run: transferListNow,
};

interface Row {
  readonly at: string;
  readonly user: string;
  readonly door: string;
  readonly address: string;
  readonly way: "in" | "out";
  readonly path: string;
  readonly bytes: number;
  readonly ms: number;
  readonly outcome: string;
}

async function transferListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const query = new URLSearchParams();
  const [user, limit] = [call.option("user"), call.option("limit")];
  if (user !== undefined) query.set("user", user);
  if (limit !== undefined) query.set("limit", limit);
  const found = await client.ask<{ rows: Row[] }>("GET", `/transfers?${query.toString()}`);
  if (!found.ok) return call.refuse(found.fault);
  const { rows } = found.value;
  const cells = rows.map((row) => [
    whenText(row.at),
    row.user,
    row.door,
    row.way,
    String(row.bytes),
    row.outcome,
    row.path,
  ]);
  const heads = ["ENDED", "USER", "DOOR", "WAY", "BYTES", "OUTCOME", "PATH"];
  call.print.answer(rows, () => call.print.table(heads, cells, "nothing was moved yet"));
  return exitCode.ok;
}
