import type { DamageList, ScrubView } from "../../lib/admin/upkeep-panel.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { fault } from "../../lib/base/fault.ts";
import { ok, type Result } from "../../lib/base/result.ts";
import { exitCode } from "../exit-codes.ts";
import type { HouseClient } from "../house-client.ts";
import { quotaOf } from "./amounts.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const s3Verify: Verb = {
  name: "s3 verify",
  does: "read everything that is kept, and say what is no more what was written",
  args: [],
  options: [{ name: "pace", takes: "SIZE", doc: "bytes a second at most; without it as fast as it goes" }],
  examples: ["s3 verify", "s3 verify --pace 50MiB"],
  run: verifyNow,
};

const lookMs = 250;

async function verifyNow(call: Call): Promise<number> {
  const pace = quotaOf(call.option("pace") ?? "none");
  if (!pace.ok) return call.refuse(pace.fault);
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const begun = await client.ask<ScrubView>("POST", "/scrub", { bytesPerSecond: pace.value ?? 0 });
  // A round that runs already is as good as ours.
  if (!begun.ok && begun.fault.code !== "busy") return call.refuse(begun.fault);
  const ended = await untilDone(call, client);
  if (!ended.ok) return call.refuse(ended.fault);
  const damage = await client.ask<DamageList>("GET", "/damage");
  if (!damage.ok) return call.refuse(damage.fault);
  const { bodies, bytes } = ended.value;
  const { rows } = damage.value;
  call.print.answer({ bodies, bytes, damage: rows }, () => show(call, ended.value, rows));
  return rows.length > 0 ? exitCode.badData : exitCode.ok;
}

async function untilDone({ print }: Call, client: HouseClient): Promise<Result<ScrubView>> {
  const shows = process.stderr.isTTY && !print.look.quiet && !print.look.json;
  for (;;) {
    const asked = await client.ask<ScrubView>("GET", "/scrub");
    if (!asked.ok) return asked;
    const { running, share, bodies, bytes, found } = asked.value;
    if (shows) {
      const line = `${Math.floor(share * 100)} %  ${bodies} bodies  ${bytesText(bytes)}  ${found} damaged`;
      process.stderr.write(running ? `\r\u001b[K${line}` : "\r\u001b[K");
    }
    if (!running) return asked.value.share < 1 && bodies > 0 ? cutShort : ok(asked.value);
    await Bun.sleep(lookMs);
  }
}

const cutShort: Result<never> = {
  ok: false,
  fault: fault("cancelled", "the round was cut short", { mend: "the daemon's log says why; ask again" }),
};

function show({ print }: Call, { bodies, bytes }: ScrubView, rows: DamageList["rows"]): void {
  for (const { what, objects } of rows) {
    const names = objects.map(({ bucket, key, version }) =>
      version === "null" ? `${bucket}/${key}` : `${bucket}/${key} (${version})`,
    );
    for (const name of names.length > 0 ? names : ["a part of an unfinished upload"])
      print.line(`${what}  ${name}`);
  }
  if (rows.length === 0) print.line(`all of ${bodies} bodies, ${bytesText(bytes)}, are as they were written`);
  else print.line(`${rows.length} of ${bodies} bodies are damaged: they are not served; restore a backup`);
}
