import { exitCode } from "../exit-codes.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { whenText } from "./amounts.ts";
import { everyRow } from "./every-row.ts";
import type { Call, Verb } from "./verb.ts";
import type { BucketView } from "../../lib/admin/buckets-panel.ts";

export const bucketList: Verb = {
  name: "bucket list",
  does: "every bucket, with what it keeps and may keep",
  args: [],
  options: [],
  examples: ["bucket list"],
  run: bucketListNow,
};

async function bucketListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const buckets = await everyRow<BucketView>(client, "/buckets");
  if (!buckets.ok) return call.refuse(buckets.fault);
  const cells = buckets.value.map(({ name, owner, usage, quota, versioning, createdAt }) => [
    name,
    owner,
    String(usage.objects),
    bytesText(usage.bytes),
    quota.bytes === null ? "none" : bytesText(quota.bytes),
    versioning,
    whenText(createdAt),
  ]);
  const headings = ["NAME", "OWNER", "OBJECTS", "SIZE", "QUOTA", "VERSIONING", "MADE"];
  call.print.answer(buckets.value, () => call.print.table(headings, cells, "no buckets yet"));
  return exitCode.ok;
}
