import { secondsText } from "../../lib/base/amount-text.ts";
import type { TimeSource } from "../../lib/admin/time-panel.ts";
import type { Result } from "../../lib/base/result.ts";
import { exitCode } from "../exit-codes.ts";
import { timeHouse } from "./time-house.ts";
import type { Call, Verb } from "./verb.ts";

export const timeSources: Verb = {
  name: "time sources",
  does: "every server that is asked for the time, in figures",
  args: [],
  options: [],
  examples: ["time sources", "time sources --json"],
  run: showFigures,
};

export const timeWhy: Verb = {
  name: "time why",
  does: "one reason for each server: why its time is used, or is not",
  args: [],
  options: [],
  examples: ["time why"],
  run: showReasons,
};

async function ask(call: Call): Promise<Result<readonly TimeSource[]>> {
  const house = await timeHouse(call);
  if (!house.ok) return house;
  await using client = house.value;
  const asked = await client.ask<{ rows: TimeSource[] }>("GET", "/time/sources");
  return asked.ok ? { ok: true, value: asked.value.rows } : asked;
}

const none = "no server is configured: see clock.servers";

async function showFigures(call: Call): Promise<number> {
  const asked = await ask(call);
  if (!asked.ok) return call.refuse(asked.fault);
  const rows = asked.value.map((one) => [
    one.name,
    one.state,
    one.stratum === null ? "–" : String(one.stratum),
    `${one.interval} s`,
    one.reach.toString(2).padStart(8, "0"),
    secondsText(one.offset),
    secondsText(one.error),
    secondsText(one.delay),
    secondsText(one.distance),
    one.authentication,
  ]);
  const heads = [
    "SERVER",
    "STATE",
    "ST",
    "EVERY",
    "REACH",
    "OFFSET",
    "ERROR",
    "DELAY",
    "WITHIN",
    "SECURED BY",
  ];
  call.print.answer(asked.value, () => call.print.table(heads, rows, none));
  return exitCode.ok;
}

async function showReasons(call: Call): Promise<number> {
  const asked = await ask(call);
  if (!asked.ok) return call.refuse(asked.fault);
  const rows = asked.value.map((one) => [one.name, one.state, one.why]);
  call.print.answer(asked.value, () => call.print.table(["SERVER", "STATE", "WHY"], rows, none));
  return exitCode.ok;
}
