import { exitCode } from "../exit-codes.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { quotaOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { BucketView } from "../../lib/admin/buckets-panel.ts";

export const bucketQuota: Verb = {
  name: "bucket quota",
  does: "show or set what a bucket may keep",
  args: [{ name: "NAME" }, { name: "SIZE", optional: true }],
  options: [],
  examples: ["bucket quota projects", "bucket quota projects 100GiB", "bucket quota projects none"],
  run: bucketQuotaNow,
};

async function bucketQuotaNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("NAME"))}`;
  const bucket = await client.ask<BucketView>("GET", path);
  if (!bucket.ok) return call.refuse(bucket.fault);
  const size = call.arg("SIZE");
  if (size === "") return show(call, bucket.value);
  const bytes = quotaOf(size);
  if (!bytes.ok) return call.refuse(bytes.fault);
  const quota = { bytes: bytes.value, objects: bucket.value.quota.objects };
  const changed = await client.ask<BucketView>("PATCH", path, { quota });
  return changed.ok ? show(call, changed.value) : call.refuse(changed.fault);
}

function show({ print }: Call, { name, usage, quota }: BucketView): number {
  const share = quota.bytes ? ` (${Math.round((100 * usage.bytes) / quota.bytes)} %)` : "";
  print.answer({ name, usage, quota }, () =>
    print.record([
      ["bucket", name],
      ["keeps", `${bytesText(usage.bytes)} in ${usage.objects} objects${share}`],
      ["may keep", quota.bytes === null ? "no limit" : bytesText(quota.bytes)],
    ]),
  );
  return exitCode.ok;
}
