import type { RestoredView } from "../../lib/admin/past-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { momentOf, momentOptions } from "./moment-option.ts";
import type { Call, Verb } from "./verb.ts";

export const snapshotRestore: Verb = {
  name: "snapshot restore",
  does: "give a bucket what it held then; what was not there then goes",
  args: [{ name: "BUCKET" }, { name: "PREFIX", optional: true }],
  options: momentOptions,
  examples: [
    "snapshot restore projects --snapshot before-upgrade",
    "snapshot restore projects 2026/ --at 2026-11-21T09:00:00Z",
  ],
  run: restoreNow,
};

async function restoreNow(call: Call): Promise<number> {
  const moment = momentOf(call);
  if (!moment.ok) return call.refuse(moment.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("BUCKET"))}/past/restore`;
  const done = await client.ask<RestoredView>("POST", path, { ...moment.value, prefix: call.arg("PREFIX") });
  if (!done.ok) return call.refuse(done.fault);
  const { restored, removed } = done.value;
  call.print.answer(done.value, () => call.print.note(`${restored} keys restored, ${removed} removed`));
  return exitCode.ok;
}
