import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { bytesText } from "../../lib/base/amount-text.ts";
import { fault } from "../../lib/base/fault.ts";
import { rollBackCatalog, upgradeFacts, type UpgradeFacts } from "../../lib/store/catalog-rollback.ts";
import { exitCode } from "../exit-codes.ts";
import { ownerRefusal } from "../house-client.ts";
import { build } from "../version.ts";
import { everyStatus } from "./status.ts";
import type { Call, Verb } from "./verb.ts";

export const upgrade: Verb = {
  name: "upgrade",
  does: "whether this build can take over the data; or one step back",
  args: [],
  options: [
    { name: "check", doc: "only look; what it does unless told otherwise" },
    {
      name: "rollback",
      doc: "put the catalog back that the last change of schema kept; all daemons stopped",
    },
  ],
  examples: ["upgrade --check", "upgrade --rollback --data /var/lib/holdfast"],
  run: upgradeNow,
};

async function upgradeNow(call: Call): Promise<number> {
  const { data } = call;
  if (data === undefined)
    return call.refuse(fault("unavailable", "no data directory is known", { mend: "--data DIR" }));
  const facts = upgradeFacts(data);
  if (!facts) return call.refuse(fault("unavailable", "there is no house here yet", { where: data }));
  const owner = ownerRefusal(data);
  if (owner && !owner.ok) return call.refuse(owner.fault);
  return call.flag("rollback") ? goBack(call, data) : await look(call, data, facts);
}

function goBack(call: Call, data: string): number {
  const done = rollBackCatalog(data);
  if (!done.ok) return call.refuse(done.fault);
  const { schema } = done.value;
  call.print.answer({ schema, undone: join(data, "catalog.db.undone") }, () => {
    call.print.note(`the catalog is as it was before its last change, with schema ${schema}`);
    call.print.note("what was written since is in catalog.db.undone; bodies deleted since are gone");
    call.print.note("start the build that wrote it: this one would change it again");
  });
  return exitCode.ok;
}

/** Exit code 0 where a start would go well, 75 where a daemon of another version waits for a restart. */
async function look(call: Call, data: string, facts: UpgradeFacts): Promise<number> {
  const { schema, knows, kept } = facts;
  if (schema > knows) {
    const what = `the catalog has schema ${schema}, this build knows ${knows}`;
    const mend = kept
      ? "use the newer build, or go back: holdfast upgrade --rollback"
      : "use the newer build";
    return call.refuse(fault("precondition", what, { where: data, mend }));
  }
  const statuses = await everyStatus(data);
  if (!statuses.ok) return call.refuse(statuses.fault);
  const { version } = build();
  const others = statuses.value.filter((one) => one.version !== version);
  const needed = schema < knows ? statSync(join(data, "catalog.db")).size : 0;
  const disk = statfsSync(data);
  const free = disk.bavail * disk.bsize;
  const { print } = call;
  const waiting = others.map(({ service }) => service);
  print.answer({ version, schema, knows, needed, free, kept: kept?.schema ?? null, waiting }, () => {
    if (schema === knows) print.line(`the catalog has this build's schema, ${knows}`);
    else {
      print.line(`a start brings the catalog from schema ${schema} to ${knows}`);
      print.line(`before that it keeps the old one, ${bytesText(needed)}, to go back to`);
    }
    if (kept) print.line(`one step back is possible, to schema ${kept.schema}: holdfast upgrade --rollback`);
    for (const one of others)
      print.line(
        `${one.service} still runs ${one.version}, this is ${version}: holdfast-${one.service} restart`,
      );
  });
  if (needed > free) {
    const what = `keeping the old catalog takes ${bytesText(needed)}, and ${bytesText(free)} are free`;
    return call.refuse(fault("no-space", what, { where: data, mend: "make room before the upgrade" }));
  }
  return others.length > 0 ? exitCode.tryAgain : exitCode.ok;
}
