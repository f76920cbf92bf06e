import { exitCode } from "../exit-codes.ts";
import { expiryOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { KeyView } from "../../lib/admin/keys-panel.ts";

export const keyAdd: Verb = {
  name: "key add",
  does: "make an S3 key pair; the secret is shown this once",
  args: [{ name: "USER" }],
  options: [{ name: "expires", takes: "WHEN", doc: "30d, 12h, 2027-01-31; never unless said" }],
  examples: ["key add mia", "key add robot --expires 90d --json"],
  run: keyAddNow,
};

async function keyAddNow(call: Call): Promise<number> {
  const expiresAt = expiryOf(call.option("expires"));
  if (!expiresAt.ok) return call.refuse(expiresAt.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/users/${encodeURIComponent(call.arg("USER"))}/keys`;
  const made = await client.ask<KeyView & { secret: string }>("POST", path, { expiresAt: expiresAt.value });
  if (!made.ok) return call.refuse(made.fault);
  const { id, secret } = made.value;
  call.print.answer(made.value, () => {
    call.print.line(call.print.look.quiet ? `${id} ${secret}` : `access key  ${id}\nsecret key  ${secret}`);
    call.print.note("the secret is not shown again");
  });
  return exitCode.ok;
}
