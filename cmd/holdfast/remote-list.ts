import type { RemoteView } from "../../lib/admin/remotes-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const remoteList: Verb = {
  name: "remote list",
  does: "other S3 servers that buckets may be replicated to",
  args: [],
  options: [],
  examples: ["remote list"],
  run: listNow,
};

async function listNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const asked = await client.ask<{ rows: RemoteView[] }>("GET", "/remotes");
  if (!asked.ok) return call.refuse(asked.fault);
  const cells = asked.value.rows.map(({ name, endpoint, region, keyId, createdAt }) => [
    name,
    endpoint,
    region,
    keyId,
    whenText(createdAt),
  ]);
  const headings = ["NAME", "ENDPOINT", "REGION", "KEY", "ADDED"];
  call.print.answer(asked.value.rows, () => call.print.table(headings, cells, "no remotes yet"));
  return exitCode.ok;
}
