import type { RingKeyView } from "../../lib/admin/ring-keys-panel.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const kmsAdd: Verb = {
  name: "kms add",
  does: "make a key that objects can be encrypted under (SSE-KMS)",
  args: [{ name: "ALIAS", optional: true }],
  options: [],
  examples: ["kms add payroll"],
  run: kmsAddNow,
};

async function kmsAddNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const alias = call.arg("ALIAS");
  const made = await client.ask<RingKeyView>("POST", "/kms/keys", { alias: alias === "" ? null : alias });
  if (!made.ok) return call.refuse(made.fault);
  call.print.answer(made.value, () => call.print.line(made.value.id));
  return exitCode.ok;
}
