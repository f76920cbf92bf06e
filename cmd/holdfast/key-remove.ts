import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const keyRemove: Verb = {
  name: "key remove",
  does: "remove an S3 key pair; it stops working within a second",
  args: [{ name: "USER" }, { name: "KEY" }],
  options: [],
  examples: ["key remove mia AKIA3K9…"],
  run: keyRemoveNow,
};

async function keyRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const removed = await client.ask(
    "DELETE",
    `/users/${encodeURIComponent(call.arg("USER"))}/keys/${encodeURIComponent(call.arg("KEY"))}`,
  );
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: call.arg("KEY") }, () => call.print.note(`${call.arg("KEY")} is removed`));
  return exitCode.ok;
}
