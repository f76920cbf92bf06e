import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const snapshotRemove: Verb = {
  name: "snapshot remove",
  does: "forget a snapshot, and delete what it alone still shows",
  args: [{ name: "BUCKET" }, { name: "NAME" }],
  options: [],
  examples: ["snapshot remove projects before-upgrade"],
  run: removeNow,
};

async function removeNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const bucket = encodeURIComponent(call.arg("BUCKET"));
  const name = call.arg("NAME");
  const path = `/buckets/${bucket}/snapshots/${encodeURIComponent(name)}`;
  const removed = await client.ask("DELETE", path);
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: name }, () => call.print.note(`${name} is forgotten`));
  return exitCode.ok;
}
