import type { RingKeyView } from "../../lib/admin/ring-keys-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const kmsList: Verb = {
  name: "kms list",
  does: "the keys that seal what is encrypted at rest, and how far rotations have come",
  args: [],
  options: [],
  examples: ["kms list", "kms list --json"],
  run: kmsListNow,
};

async function kmsListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const keys = await client.ask<{ rows: RingKeyView[] }>("GET", "/kms/keys");
  if (!keys.ok) return call.refuse(keys.fault);
  const { rows } = keys.value;
  const cells = rows.map(({ id, alias, state, version, rotatedAt, seals, pending }) => [
    id,
    alias ?? "",
    state,
    String(version),
    whenText(rotatedAt),
    String(seals),
    pending === 0 ? "" : String(pending),
  ]);
  const headings = ["ID", "ALIAS", "STATE", "VERSION", "ROTATED", "SEALS", "PENDING"];
  call.print.answer(rows, () => call.print.table(headings, cells, "no keys yet: nothing is encrypted"));
  return exitCode.ok;
}
