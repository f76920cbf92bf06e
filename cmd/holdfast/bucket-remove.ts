import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const bucketRemove: Verb = {
  name: "bucket remove",
  does: "remove an empty bucket",
  args: [{ name: "NAME" }],
  options: [],
  examples: ["bucket remove old-things"],
  run: bucketRemoveNow,
};

async function bucketRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const removed = await client.ask("DELETE", `/buckets/${encodeURIComponent(call.arg("NAME"))}`);
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: call.arg("NAME") }, () => call.print.note(`${call.arg("NAME")} is removed`));
  return exitCode.ok;
}
