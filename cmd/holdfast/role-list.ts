import type { RoleView } from "../../lib/admin/roles-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const roleList: Verb = {
  name: "role list",
  does: "what AssumeRole hands out, and to whom",
  args: [],
  options: [],
  examples: ["role list"],
  run: listNow,
};

async function listNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const asked = await client.ask<{ rows: RoleView[] }>("GET", "/roles");
  if (!asked.ok) return call.refuse(asked.fault);
  const cells = asked.value.rows.map(({ name, trusts, maxSeconds, createdAt }) => [
    name,
    trusts.join(" "),
    `${Math.round(maxSeconds / 60)} min`,
    whenText(createdAt),
  ]);
  const headings = ["NAME", "TRUSTS", "AT MOST", "CHANGED"];
  call.print.answer(asked.value.rows, () => call.print.table(headings, cells, "no roles yet"));
  return exitCode.ok;
}
