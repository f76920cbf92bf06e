import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const tokenRemove: Verb = {
  name: "token remove",
  does: "remove an API token",
  args: [{ name: "USER" }, { name: "TOKEN" }],
  options: [],
  examples: ["token remove mia 01kd…"],
  run: tokenRemoveNow,
};

async function tokenRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const removed = await client.ask(
    "DELETE",
    `/users/${encodeURIComponent(call.arg("USER"))}/tokens/${encodeURIComponent(call.arg("TOKEN"))}`,
  );
  if (!removed.ok) return call.refuse(removed.fault);
  call.print.answer({ removed: call.arg("TOKEN") }, () => call.print.note(`${call.arg("TOKEN")} is removed`));
  return exitCode.ok;
}
