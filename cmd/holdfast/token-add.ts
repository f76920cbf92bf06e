import { exitCode } from "../exit-codes.ts";
import { expiryOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { TokenView } from "../../lib/admin/keys-panel.ts";

export const tokenAdd: Verb = {
  name: "token add",
  does: "make a token for the admin API; it is shown this once",
  args: [{ name: "USER" }, { name: "LABEL" }],
  options: [{ name: "expires", takes: "WHEN", doc: "30d, 12h, 2027-01-31; never unless said" }],
  examples: ["token add admin prometheus --expires 365d", "token add admin backup --quiet"],
  run: tokenAddNow,
};

async function tokenAddNow(call: Call): Promise<number> {
  const expiresAt = expiryOf(call.option("expires"));
  if (!expiresAt.ok) return call.refuse(expiresAt.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/users/${encodeURIComponent(call.arg("USER"))}/tokens`;
  const asked = { label: call.arg("LABEL"), expiresAt: expiresAt.value };
  const made = await client.ask<TokenView & { token: string }>("POST", path, asked);
  if (!made.ok) return call.refuse(made.fault);
  call.print.answer(made.value, () => {
    call.print.line(made.value.token);
    call.print.note("it is not shown again");
  });
  return exitCode.ok;
}
