import type { BucketView } from "../../lib/admin/buckets-panel.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const bucketEncryption: Verb = {
  name: "bucket encryption",
  does: "show or set what new objects are encrypted under: house, a key of kms list, or none",
  args: [{ name: "NAME" }, { name: "KEY", optional: true }],
  options: [],
  examples: [
    "bucket encryption projects",
    "bucket encryption projects house",
    "bucket encryption payroll payroll-key",
  ],
  run: bucketEncryptionNow,
};

async function bucketEncryptionNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("NAME"))}`;
  const key = call.arg("KEY");
  const bucket =
    key === ""
      ? await client.ask<BucketView>("GET", path)
      : await client.ask<BucketView>("PATCH", path, { encryption: key === "none" ? null : key });
  if (!bucket.ok) return call.refuse(bucket.fault);
  const { name, encryption } = bucket.value;
  call.print.answer({ name, encryption }, () =>
    call.print.record([
      ["bucket", name],
      ["new objects", encryption === null ? "not encrypted unless asked" : `encrypted under ${encryption}`],
    ]),
  );
  return exitCode.ok;
}
