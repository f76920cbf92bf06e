import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const bucketReplicate: Verb = {
  name: "bucket replicate",
  does: "replicate what was in a bucket before its rules, and what failed",
  args: [{ name: "NAME" }, { name: "PREFIX", optional: true }],
  options: [],
  examples: ["bucket replicate projects", "bucket replicate projects 2026/"],
  run: replicateNow,
};

async function replicateNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/buckets/${encodeURIComponent(call.arg("NAME"))}/replicate`;
  const prefix = encodeURIComponent(call.arg("PREFIX"));
  const asked = await client.ask<{ versions: number }>("POST", `${path}?prefix=${prefix}`);
  if (!asked.ok) return call.refuse(asked.fault);
  call.print.answer(asked.value, () =>
    call.print.note(`${asked.value.versions} versions are on their way: holdfast delivery list`),
  );
  return exitCode.ok;
}
