import type { SnapshotList } from "../../lib/admin/past-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const snapshotList: Verb = {
  name: "snapshot list",
  does: "list a bucket's snapshots",
  args: [{ name: "BUCKET" }],
  options: [],
  examples: ["snapshot list projects"],
  run: listNow,
};

async function listNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("BUCKET"))}/snapshots`;
  const asked = await client.ask<SnapshotList>("GET", path);
  if (!asked.ok) return call.refuse(asked.fault);
  const { rows } = asked.value;
  const cells = rows.map(({ name, at }) => [name, whenText(at)]);
  call.print.answer(rows, () => call.print.table(["SNAPSHOT", "AT"], cells, "no snapshots"));
  return exitCode.ok;
}
