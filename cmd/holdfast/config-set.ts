import { fault } from "../../lib/base/fault.ts";
import { exitCode } from "../exit-codes.ts";
import { clientOf, findHouse } from "../house-client.ts";
import { ownerDoors } from "../owner-door.ts";
import type { Call, Verb } from "./verb.ts";

export const configSet: Verb = {
  name: "config set",
  does: "change a setting of a running daemon, in its own file; without VALUE: its default",
  args: [{ name: "DAEMON" }, { name: "SETTING" }, { name: "VALUE", optional: true }],
  options: [],
  examples: ["config set ftpd ftp.idleTimeout 5m", "config set s3d log.level"],
  run: configSetNow,
};

interface Verdict {
  readonly good: boolean;
  readonly problems: readonly {
    readonly where: string;
    readonly what: string;
    readonly mend: string | null;
  }[];
}

async function configSetNow(call: Call): Promise<number> {
  const running = await findHouse(call.data);
  if (!running.ok) return call.refuse(running.fault);
  const daemon = call.arg("DAEMON");
  const door = ownerDoors(call.data ?? "").find(({ name }) => name === daemon);
  const client = door && (await clientOf(door));
  if (!client)
    return call.refuse(
      fault("unavailable", `${daemon} does not run`, { mend: "holdfast status tells who does" }),
    );
  await using _client = client;
  const setting = call.arg("SETTING");
  const path = `/configuration/settings/${encodeURIComponent(setting)}`;
  const value = call.arg("VALUE");
  const verdict = await client.ask<Verdict>("PUT", path, { text: value === "" ? null : value });
  if (!verdict.ok) return call.refuse(verdict.fault);
  const { good, problems } = verdict.value;
  if (!good) {
    const [{ where, what, mend } = { where: setting, what: "it is not accepted", mend: null }] = problems;
    call.refuse(fault("invalid", what, { where, ...(mend === null ? {} : { mend }) }));
    return exitCode.configuration;
  }
  const now = await client.ask<{ text: string; reload: string; from: string }>("GET", path);
  if (!now.ok) return call.refuse(now.fault);
  const { text, reload, from } = now.value;
  const when =
    reload === "live"
      ? `${setting} is ${text || "not set"}`
      : `${setting} takes hold when ${daemon} starts again`;
  call.print.answer(now.value, () => call.print.note(`${when} (${from})`));
  return exitCode.ok;
}
