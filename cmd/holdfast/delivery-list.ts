import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

interface Queue {
  readonly queue: string;
  readonly kind: string;
  readonly at: string;
  readonly waiting: number;
  readonly dead: number;
  readonly oldest: string | null;
}

export const deliveryList: Verb = {
  name: "delivery list",
  does: "what is on its way out of the house: events and replicas, queue by queue",
  args: [],
  options: [],
  examples: ["delivery list"],
  run: listNow,
};

async function listNow(call: Call): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const asked = await client.ask<{ rows: Queue[] }>("GET", "/deliveries");
  if (!asked.ok) return call.refuse(asked.fault);
  const cells = asked.value.rows.map(({ queue, kind, at, waiting, dead, oldest }) => [
    queue,
    kind,
    at,
    String(waiting),
    String(dead),
    oldest === null ? "" : whenText(oldest),
  ]);
  const headings = ["QUEUE", "KIND", "TO", "WAITING", "DEAD", "OLDEST"];
  call.print.answer(asked.value.rows, () => call.print.table(headings, cells, "nothing to deliver to"));
  return exitCode.ok;
}
