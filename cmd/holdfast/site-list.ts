import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const siteList: Verb = {
  name: "site list",
  does: "the virtual hosts of FTP",
  args: [],
  options: [],
  examples: ["site list"],
  run: siteListNow,
};

interface Row {
  readonly name: string;
  readonly site: {
    readonly addresses: readonly string[];
    readonly certificate?: string;
    readonly users?: readonly string[];
    readonly root?: { readonly bucket: string; readonly prefix: string };
  };
}

async function siteListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const found = await client.ask<{ rows: Row[] }>("GET", "/sites");
  if (!found.ok) return call.refuse(found.fault);
  const { rows } = found.value;
  const cells = rows.map(({ name, site: { addresses, users, root, certificate } }) => [
    name,
    addresses.join(" "),
    users?.join(" ") ?? "everybody",
    root ? `${root.bucket}/${root.prefix}` : "at home",
    certificate ?? "the daemon's",
  ]);
  const heads = ["HOST", "ADDRESSES", "USERS", "BEGINS", "CERTIFICATE"];
  call.print.answer(rows, () => call.print.table(heads, cells, "no virtual hosts"));
  return exitCode.ok;
}
