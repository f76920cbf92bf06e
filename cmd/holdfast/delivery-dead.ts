import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";
import type { PageOf } from "../../lib/admin/panel.ts";

interface DeadLetter {
  readonly id: number;
  readonly queue: string;
  readonly at: string;
  readonly about: string;
  readonly attempts: number;
  readonly error: string;
  readonly body: string;
}

export const deliveryDead: Verb = {
  name: "delivery dead",
  does: "the oldest hundred letters that were given up",
  args: [{ name: "QUEUE", optional: true }],
  options: [],
  examples: ["delivery dead", "delivery dead notify:orders"],
  run: deadNow,
};

async function deadNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const queue = call.arg("QUEUE");
  const more = queue === "" ? "" : `?queue=${encodeURIComponent(queue)}`;
  const asked = await client.ask<PageOf<DeadLetter>>("GET", `/deliveries/dead${more}`);
  if (!asked.ok) return call.refuse(asked.fault);
  const cells = asked.value.rows.map(({ id, queue: of, at, about, attempts, error }) => [
    String(id),
    of,
    whenText(at),
    about,
    String(attempts),
    error,
  ]);
  const headings = ["ID", "QUEUE", "WRITTEN", "ABOUT", "TRIED", "WHY"];
  call.print.answer(asked.value.rows, () => call.print.table(headings, cells, "no dead letters"));
  return exitCode.ok;
}
