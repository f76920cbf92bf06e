import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const kmsRemove: Verb = {
  name: "kms remove",
  does: "remove a retired key for good, once nothing needs it",
  args: [{ name: "KEY" }],
  options: [],
  examples: ["kms remove payroll"],
  run: kmsRemoveNow,
};

async function kmsRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const removed = await client.ask("DELETE", `/kms/keys/${encodeURIComponent(call.arg("KEY"))}`);
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: call.arg("KEY") }, () => call.print.note(`${call.arg("KEY")} is removed`));
  return exitCode.ok;
}
