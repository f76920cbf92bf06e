import { secondsText } from "../../lib/base/amount-text.ts";
import type { HistoryStep } from "../../lib/admin/time-panel.ts";
import { readDuration } from "../../lib/config/quantity.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { timeHouse } from "./time-house.ts";
import type { Call, Verb } from "./verb.ts";

export const timeHistory: Verb = {
  name: "time history",
  does: "the past of the clock, or of one source",
  args: [{ name: "SOURCE", optional: true }],
  options: [{ name: "span", takes: "SPAN", doc: "how far back: 1h, 1d, 30d; an hour unless said" }],
  examples: ["time history", "time history time.example.org --span 1d --json"],
  run: show,
};

const mostRows = 60;

async function show(call: Call): Promise<number> {
  const span = call.option("span") ?? "1h";
  const ms = readDuration(span);
  if (ms === undefined) {
    return call.refuse({ code: "invalid", what: `${span} is no span of time`, mend: "write 1h, 1d or 30d" });
  }
  const house = await timeHouse(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const source = call.arg("SOURCE") || "clock";
  const query = `source=${encodeURIComponent(source)}&hours=${ms / 3_600_000}`;
  const asked = await client.ask<{ rows: HistoryStep[] }>("GET", `/time/history?${query}`);
  if (!asked.ok) return call.refuse(asked.fault);
  const isClock = source === "clock";
  const last = (value: number): string => (isClock ? `${value.toFixed(3)} ppm` : secondsText(value));
  const rows = asked.value.rows
    .slice(-mostRows)
    .map(({ at, mean, least, most }) => [
      whenText(new Date(at * 1000).toISOString()),
      secondsText(mean[0]),
      `${secondsText(least[0])} to ${secondsText(most[0])}`,
      secondsText(most[1]),
      last(mean[2]),
    ]);
  const heads = ["FROM", "OFFSET", "BETWEEN", isClock ? "WITHIN" : "DELAY", isClock ? "RATE" : "WITHIN"];
  call.print.answer(asked.value.rows, () => call.print.table(heads, rows, "nothing is known of it"));
  return exitCode.ok;
}
