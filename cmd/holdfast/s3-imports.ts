import type { ImportView } from "../../lib/admin/imports-panel.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const s3Imports: Verb = {
  name: "s3 imports",
  does: "imports since the daemon started, and how far they have come",
  args: [],
  options: [{ name: "stop", takes: "ID", doc: "stop this one; begun again it goes on" }],
  examples: ["s3 imports", "s3 imports --stop 01HZX…"],
  run: importsNow,
};

async function importsNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const stop = call.option("stop");
  if (stop !== undefined) {
    const stopped = await client.ask<ImportView>("DELETE", `/imports/${encodeURIComponent(stop)}`);
    if (!stopped.ok) return call.refuse(stopped.fault);
  }
  const all = await client.ask<{ rows: ImportView[] }>("GET", "/imports");
  if (!all.ok) return call.refuse(all.fault);
  const cells = all.value.rows.map((one) => [
    one.id,
    `${one.remote}/${one.bucket}`,
    one.to,
    one.state,
    String(one.versions),
    bytesText(one.bytes),
    String(one.there),
    String(one.failed),
  ]);
  const headings = ["ID", "FROM", "TO", "STATE", "VERSIONS", "SIZE", "WERE THERE", "FAILED"];
  call.print.answer(all.value.rows, () => call.print.table(headings, cells, "no imports yet"));
  return exitCode.ok;
}
