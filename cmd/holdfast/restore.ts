import { bytesText } from "../../lib/base/amount-text.ts";
import { fault } from "../../lib/base/fault.ts";
import { restoreFrom } from "../../lib/store/backup/restore.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const restore: Verb = {
  name: "restore",
  does: "make a house from a backup, in a data directory that has none",
  args: [{ name: "BACKUP" }],
  options: [],
  examples: ["restore /mnt/backup/holdfast --data /var/lib/holdfast"],
  run: restoreNow,
};

async function restoreNow(call: Call): Promise<number> {
  const { data, print } = call;
  if (data === undefined)
    return call.refuse(fault("unavailable", "no data directory is known", { mend: "--data DIR" }));
  const facts = await restoreFrom(call.arg("BACKUP"), data);
  if (!facts.ok) return call.refuse(facts.fault);
  const { objects, bytes, at } = facts.value;
  print.answer({ data, ...facts.value }, () => {
    print.note(`${objects} objects, ${bytesText(bytes)}, as they were at ${at}, are in ${data}`);
    print.note(`start it: holdfast up --data ${data}`);
  });
  return exitCode.ok;
}
