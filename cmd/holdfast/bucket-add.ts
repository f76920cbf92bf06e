import { exitCode } from "../exit-codes.ts";
import { quotaOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { BucketView } from "../../lib/admin/buckets-panel.ts";

export const bucketAdd: Verb = {
  name: "bucket add",
  does: "make a bucket",
  args: [{ name: "NAME" }],
  options: [
    { name: "owner", takes: "USER", doc: "whose it is; admin unless said" },
    { name: "quota", takes: "SIZE", doc: "what it may keep: 500MB, 10GiB; no limit unless said" },
    { name: "versioning", doc: "keep what is overwritten and deleted" },
  ],
  examples: ["bucket add projects --owner mia --quota 100GiB --versioning"],
  run: bucketAddNow,
};

async function bucketAddNow(call: Call): Promise<number> {
  const quota = quotaOf(call.option("quota") ?? "none");
  if (!quota.ok) return call.refuse(quota.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const owner = call.option("owner");
  const made = await client.ask<BucketView>("POST", "/buckets", {
    name: call.arg("NAME"),
    versioning: call.flag("versioning") ? "enabled" : "off",
    ...(quota.value === null ? {} : { quota: { bytes: quota.value } }),
    ...(owner === undefined ? {} : { owner }),
  });
  if (!made.ok) return call.refuse(made.fault);
  call.print.answer(made.value, () =>
    call.print.note(`${made.value.name} is there, owned by ${made.value.owner}`),
  );
  return exitCode.ok;
}
