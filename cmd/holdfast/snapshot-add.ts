import type { SnapshotView } from "../../lib/admin/past-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const snapshotAdd: Verb = {
  name: "snapshot add",
  does: "name this moment of a bucket, at once however large it is",
  args: [{ name: "BUCKET" }, { name: "NAME" }],
  options: [],
  examples: ["snapshot add projects before-upgrade"],
  run: addNow,
};

async function addNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("BUCKET"))}/snapshots`;
  const made = await client.ask<SnapshotView>("POST", path, { name: call.arg("NAME") });
  if (!made.ok) return call.refuse(made.fault);
  const { name, at } = made.value;
  call.print.answer(made.value, () => call.print.note(`${name} shows the bucket as of ${whenText(at)}`));
  return exitCode.ok;
}
