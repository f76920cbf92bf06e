import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { KeyView } from "../../lib/admin/keys-panel.ts";

export const keyList: Verb = {
  name: "key list",
  does: "somebody's S3 access keys",
  args: [{ name: "USER" }],
  options: [],
  examples: ["key list mia"],
  run: keyListNow,
};

async function keyListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/users/${encodeURIComponent(call.arg("USER"))}/keys`;
  const keys = await client.ask<{ rows: KeyView[] }>("GET", path);
  if (!keys.ok) return call.refuse(keys.fault);
  const { rows } = keys.value;
  const cells = rows.map((key) => [
    key.id,
    whenText(key.createdAt),
    key.disabled ? "disabled" : whenText(key.expiresAt),
  ]);
  call.print.answer(rows, () => call.print.table(["KEY", "MADE", "EXPIRES"], cells, "no keys yet"));
  return exitCode.ok;
}
