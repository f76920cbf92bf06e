import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { TokenView } from "../../lib/admin/keys-panel.ts";

export const tokenList: Verb = {
  name: "token list",
  does: "somebody's API tokens",
  args: [{ name: "USER" }],
  options: [],
  examples: ["token list admin"],
  run: tokenListNow,
};

async function tokenListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/users/${encodeURIComponent(call.arg("USER"))}/tokens`;
  const tokens = await client.ask<{ rows: TokenView[] }>("GET", path);
  if (!tokens.ok) return call.refuse(tokens.fault);
  const { rows } = tokens.value;
  const cells = rows.map(({ id, label, createdAt, expiresAt }) => [
    id,
    label,
    whenText(createdAt),
    whenText(expiresAt),
  ]);
  call.print.answer(rows, () =>
    call.print.table(["TOKEN", "LABEL", "MADE", "EXPIRES"], cells, "no tokens yet"),
  );
  return exitCode.ok;
}
