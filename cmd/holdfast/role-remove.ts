import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const roleRemove: Verb = {
  name: "role remove",
  does: "remove a role; its sessions end at once",
  args: [{ name: "NAME" }],
  options: [],
  examples: ["role remove backup"],
  run: removeNow,
};

async function removeNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const name = call.arg("NAME");
  const removed = await client.ask("DELETE", `/roles/${encodeURIComponent(name)}`);
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ name }, () => call.print.note(`${name} is removed`));
  return exitCode.ok;
}
