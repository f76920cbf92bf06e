import { secondsText } from "../../lib/base/amount-text.ts";
import type { Tracking } from "../../lib/admin/time-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { timeHouse } from "./time-house.ts";
import type { Call, Verb } from "./verb.ts";

export const timeTracking: Verb = {
  name: "time tracking",
  does: "how well the time is known, and by whom",
  args: [],
  options: [],
  examples: ["time tracking", "time tracking --json"],
  run: show,
};

async function show(call: Call): Promise<number> {
  const house = await timeHouse(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const asked = await client.ask<Tracking>("GET", "/time/tracking");
  if (!asked.ok) return call.refuse(asked.fault);
  const t = asked.value;
  call.print.answer(t, () =>
    call.print.record([
      ["synchronised", `${t.synchronised ? "yes" : "no"}: ${t.why}`],
      ["mode", t.mode],
      ["source", t.source ?? "none"],
      ["stratum", String(t.stratum)],
      ["clock is behind by", secondsText(t.offset)],
      ["true time within", secondsText(t.bound)],
      ["oscillator", `${t.rate.toFixed(3)} ppm, wandering ${t.wander?.toExponential(1) ?? "–"} ppm/s`],
      ["alone, within", foretold(t)],
      ["ageing", t.ageing ? `${t.ageing.perDay.toFixed(4)} ± ${t.ageing.error.toFixed(4)} ppm a day` : "–"],
      ["root delay", secondsText(t.rootDelay)],
      ["root dispersion", secondsText(t.rootDispersion)],
      ["leap second", t.leap],
    ]),
  );
  for (const { about, what, was, is } of t.anomalies) {
    const shown = (value: number): string =>
      what === "rate" ? `${value.toFixed(2)} ppm` : secondsText(value);
    if (!call.print.look.json)
      call.print.line(`not as usual: the ${what} of ${about}, ${shown(was)} before, ${shown(is)} now`);
  }
  return t.synchronised || t.mode === "local" ? exitCode.ok : exitCode.tryAgain;
}

/** The bound without any source, by hours. */
const foretold = ({ forecast }: Tracking): string =>
  forecast.map(({ hours, bound }) => `${secondsText(bound)} after ${hours} h`).join(", ") || "–";
