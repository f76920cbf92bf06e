import type { FolderPage } from "../../lib/admin/objects-panel.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { momentOf, momentOptions } from "./moment-option.ts";
import type { Call, Verb } from "./verb.ts";

export const snapshotShow: Verb = {
  name: "snapshot show",
  does: "list what a bucket held at a snapshot or at a time",
  args: [{ name: "BUCKET" }, { name: "PREFIX", optional: true }],
  options: [...momentOptions, { name: "deep", doc: "also what lies in folders" }],
  examples: [
    "snapshot show projects --snapshot before-upgrade",
    "snapshot show projects 2026/ --at 2h --deep",
  ],
  run: showNow,
};

async function showNow(call: Call): Promise<number> {
  const moment = momentOf(call);
  if (!moment.ok) return call.refuse(moment.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const asked = {
    ...moment.value,
    prefix: call.arg("PREFIX"),
    deep: String(call.flag("deep")),
    limit: "1000",
  };
  const path = `/buckets/${encodeURIComponent(call.arg("BUCKET"))}/past/objects`;
  const all: { folders: string[]; objects: FolderPage["rows"] } = { folders: [], objects: [] };
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = new URLSearchParams(cursor === "" ? asked : { ...asked, cursor });
    const page = await client.ask<FolderPage>("GET", `${path}?${query.toString()}`);
    if (!page.ok) return call.refuse(page.fault);
    all.folders.push(...page.value.folders);
    all.objects.push(...page.value.rows);
    cursor = page.value.next;
  }
  const cells = [
    ...all.folders.map((folder) => [folder, "", ""]),
    ...all.objects.map(({ key, size, createdAt }) => [key, bytesText(size), whenText(createdAt)]),
  ];
  call.print.answer(all, () => call.print.table(["KEY", "SIZE", "MADE"], cells, "nothing was there"));
  return exitCode.ok;
}
