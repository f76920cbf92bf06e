import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const termsRemove: Verb = {
  name: "terms remove",
  does: "forget the terms of everyone, a group or a user",
  args: [{ name: "WHO" }],
  options: [],
  examples: ["terms remove group:guests"],
  run: termsRemoveNow,
};

async function termsRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const gone = await client.ask("DELETE", `/terms/${encodeURIComponent(call.arg("WHO"))}`);
  if (!gone.ok) return call.refuse(gone.fault);
  call.print.note("forgotten");
  return exitCode.ok;
}
