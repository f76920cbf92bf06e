import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const grantRemove: Verb = {
  name: "grant remove",
  does: "take a line off the permission list",
  args: [{ name: "ID" }],
  options: [],
  examples: ["grant remove 01kd…"],
  run: grantRemoveNow,
};

async function grantRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const removed = await client.ask("DELETE", `/grants/${encodeURIComponent(call.arg("ID"))}`);
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: call.arg("ID") }, () => call.print.note(`${call.arg("ID")} is removed`));
  return exitCode.ok;
}
