import { bytesText } from "../../lib/base/amount-text.ts";
import type { BucketView, StoredView } from "../../lib/admin/buckets-panel.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

const onOff = (name: string, doc: string) => ({ name, takes: "on|off", doc });

export const bucketStore: Verb = {
  name: "bucket store",
  does: "show or set how a bucket keeps new objects on disk, and what it takes there",
  args: [{ name: "NAME" }],
  options: [
    onOff("compress", "compress what shrinks (zstd); what is there stays as it is"),
    onOff("deduplicate", "keep equal bodies once; what is there stays as it is"),
  ],
  examples: ["bucket store logs", "bucket store logs --compress on --deduplicate on"],
  run: bucketStoreNow,
};

async function bucketStoreNow(call: Call): Promise<number> {
  const change: Record<string, unknown> = {};
  for (const name of ["compress", "deduplicate"] as const) {
    const word = call.option(name);
    if (word === undefined) continue;
    if (word !== "on" && word !== "off") {
      return call.refuse({ code: "invalid", what: `--${name} is on or off`, where: word });
    }
    if (name === "compress") change["compression"] = word === "on" ? "zstd" : null;
    else change["deduplication"] = word === "on";
  }
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("NAME"))}`;
  const changes = Object.keys(change).length > 0;
  const bucket = changes
    ? await client.ask<BucketView>("PATCH", path, change)
    : await client.ask<BucketView>("GET", path);
  if (!bucket.ok) return call.refuse(bucket.fault);
  const stored = await client.ask<StoredView>("GET", `${path}/stored`);
  if (!stored.ok) return call.refuse(stored.fault);
  return show(call, bucket.value, stored.value);
}

function show({ print }: Call, bucket: BucketView, stored: StoredView): number {
  const { name, compression, deduplication } = bucket;
  const { logicalBytes, storedBytes } = stored;
  const share = logicalBytes === 0 ? "" : ` (${Math.round((100 * storedBytes) / logicalBytes)} %)`;
  print.answer({ name, compression, deduplication, ...stored }, () =>
    print.record([
      ["bucket", name],
      ["new objects", compression === null ? "not compressed" : `compressed by ${compression}`],
      ["equal bodies", deduplication ? "kept once" : "each kept"],
      ["holds", bytesText(logicalBytes)],
      ["on disk", `${bytesText(storedBytes)}${share}`],
    ]),
  );
  return exitCode.ok;
}
