import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const userRemove: Verb = {
  name: "user remove",
  does: "remove somebody, with their keys and tokens",
  args: [{ name: "NAME" }],
  options: [],
  examples: ["user remove mia"],
  run: userRemoveNow,
};

async function userRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const removed = await client.ask("DELETE", `/users/${encodeURIComponent(call.arg("NAME"))}`);
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: call.arg("NAME") }, () => call.print.note(`${call.arg("NAME")} is removed`));
  return exitCode.ok;
}
