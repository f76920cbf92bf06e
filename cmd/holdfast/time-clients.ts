import type { TimeClient } from "../../lib/admin/time-panel.ts";
import { exitCode } from "../exit-codes.ts";
import { timeHouse } from "./time-house.ts";
import type { Call, Verb } from "./verb.ts";

export const timeClients: Verb = {
  name: "time clients",
  does: "who asks for the time, busiest first",
  args: [],
  options: [],
  examples: ["time clients"],
  run: show,
};

async function show(call: Call): Promise<number> {
  const house = await timeHouse(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const asked = await client.ask<{ rows: TimeClient[] }>("GET", "/time/clients");
  if (!asked.ok) return call.refuse(asked.fault);
  const rows = asked.value.rows.map((one) => [
    one.address,
    String(one.requests),
    String(one.refused),
    `${one.idle.toFixed(0)} s ago`,
  ]);
  call.print.answer(asked.value.rows, () =>
    call.print.table(["NETWORK", "REQUESTS", "REFUSED", "LAST"], rows, "nobody has asked yet"),
  );
  return exitCode.ok;
}
