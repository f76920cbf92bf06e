import { resolve } from "node:path";
import { bytesText, countText } from "../../lib/base/amount-text.ts";
import { fault } from "../../lib/base/fault.ts";
import { backUp } from "../../lib/store/backup/backup.ts";
import { exitCode } from "../exit-codes.ts";
import { ownerRefusal } from "../house-client.ts";
import { build } from "../version.ts";
import type { Call, Verb } from "./verb.ts";

export const backup: Verb = {
  name: "backup",
  does: "copy the whole house to a folder while it runs; there again: what is new",
  args: [{ name: "DIR" }],
  options: [],
  examples: ["backup /mnt/backup/holdfast", "backup /mnt/backup/today --quiet"],
  run: backupNow,
};

async function backupNow(call: Call): Promise<number> {
  const { data, print } = call;
  if (data === undefined)
    return call.refuse(fault("unavailable", "no data directory is known", { mend: "--data DIR" }));
  const refused = ownerRefusal(data);
  if (refused && !refused.ok) return call.refuse(refused.fault);
  const shows = process.stderr.isTTY && !print.look.quiet && !print.look.json;
  const target = resolve(call.arg("DIR"));
  const facts = await backUp(data, target, {
    at: new Date().toISOString(),
    version: build().version,
    ...(shows ? { progress: (files: number) => void process.stderr.write(`\r${files} bodies`) } : {}),
  });
  if (shows) process.stderr.write("\r\u001b[K");
  if (!facts.ok) return call.refuse(facts.fault);
  const { objects, buckets, bytes } = facts.value;
  print.answer(facts.value, () => {
    const kept = `${countText(objects, "object")} in ${countText(buckets, "bucket")}`;
    print.note(`${kept}, ${bytesText(bytes)}, now in ${target}`);
    print.note("it holds the house's keys: keep it as safe as the house");
  });
  return exitCode.ok;
}
