import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const siteRemove: Verb = {
  name: "site remove",
  does: "forget a virtual host of FTP",
  args: [{ name: "HOST" }],
  options: [],
  examples: ["site remove files.example.com"],
  run: siteRemoveNow,
};

async function siteRemoveNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const gone = await client.ask("DELETE", `/sites/${encodeURIComponent(call.arg("HOST"))}`);
  if (!gone.ok) return call.refuse(gone.fault);
  call.print.note("forgotten");
  return exitCode.ok;
}
