import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";
import { whoText } from "../../lib/admin/grant-text.ts";
import type { GrantView } from "../../lib/admin/grants-panel.ts";

export const grantList: Verb = {
  name: "grant list",
  does: "the permission list: who may do what, beside owners and administrators",
  args: [],
  options: [],
  examples: ["grant list"],
  run: grantListNow,
};

async function grantListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const grants = await client.ask<{ rows: GrantView[] }>("GET", "/grants");
  if (!grants.ok) return call.refuse(grants.fault);
  const { rows } = grants.value;
  const cells = rows.map(({ id, effect, who, verbs, bucket, prefix }) => [
    id,
    effect,
    whoText(who),
    `${bucket}/${prefix}`,
    verbs.join(" "),
  ]);
  call.print.answer(rows, () =>
    call.print.table(["ID", "EFFECT", "WHO", "WHERE", "VERBS"], cells, "no grants yet"),
  );
  return exitCode.ok;
}
