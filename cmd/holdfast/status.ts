import { existsSync } from "node:fs";
import { ok, type Result } from "../../lib/base/result.ts";
import { spanText } from "../../lib/base/amount-text.ts";
import { exitCode } from "../exit-codes.ts";
import { clientOf, findHouse, ownerRefusal } from "../house-client.ts";
import { ownerDoors } from "../owner-door.ts";
import type { Call, Verb } from "./verb.ts";
import type { StatusView } from "../../lib/admin/status-panel.ts";

export const status: Verb = {
  name: "status",
  does: "which daemons run, since when, and where they listen",
  args: [],
  options: [],
  examples: ["status", "status --json"],
  run: statusNow,
};

async function statusNow(call: Call): Promise<number> {
  const all = await everyStatus(call.data);
  if (!all.ok) return call.refuse(all.fault);
  const daemons = all.value;
  if (daemons.length === 0) {
    const nobody = await findHouse(call.data);
    if (!nobody.ok) return call.refuse(nobody.fault);
    await nobody.value[Symbol.asyncDispose]();
  }
  const { print } = call;
  const cells = daemons.map(({ service, ready, pid, startedAt, now, version, listening, waiting }) => [
    service,
    ready ? "ready" : waiting.map(({ part, reason }) => `${part}: ${reason}`).join(", "),
    String(pid),
    spanText(Date.parse(now) - Date.parse(startedAt)),
    version,
    listening.map(({ name, address }) => `${name} ${address}`).join(", "),
  ]);
  const headings = ["DAEMON", "STATE", "PID", "UP", "VERSION", "LISTENS"];
  print.answer(daemons, () => print.table(headings, cells, "no daemon runs"));
  return daemons.every(({ ready }) => ready) ? exitCode.ok : exitCode.tryAgain;
}

/** What every daemon that answers says of itself. Faults: denied, and the daemons' own. */
export async function everyStatus(data: string | undefined): Promise<Result<StatusView[]>> {
  if (data === undefined || !existsSync(data)) return ok([]);
  const owner = ownerRefusal(data);
  if (owner) return owner;
  const asked = ownerDoors(data).map(async (door) => {
    const client = await clientOf(door);
    return client && (await client.ask<StatusView>("GET", "/status"));
  });
  const views: StatusView[] = [];
  for (const answer of await Promise.all(asked)) {
    if (!answer) continue;
    if (!answer.ok) return answer;
    views.push(answer.value);
  }
  return ok(views);
}
