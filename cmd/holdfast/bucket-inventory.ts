import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const bucketInventory: Verb = {
  name: "bucket inventory",
  does: "make an inventory of a bucket now, as its configuration of that id says",
  args: [{ name: "NAME" }, { name: "ID" }],
  options: [],
  examples: ["bucket inventory projects daily"],
  run: inventoryNow,
};

async function inventoryNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const [name, id] = [call.arg("NAME"), call.arg("ID")].map(encodeURIComponent) as [string, string];
  const path = `/buckets/${name}/inventories/${id}`;
  const made = await client.ask<{ objects: number; manifest: string }>("POST", path);
  if (!made.ok) return call.refuse(made.fault);
  call.print.answer(made.value, () =>
    call.print.record([
      ["objects", String(made.value.objects)],
      ["manifest", made.value.manifest],
    ]),
  );
  return exitCode.ok;
}
