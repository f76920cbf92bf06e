import { exitCode } from "../exit-codes.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { whenText } from "./amounts.ts";
import type { HouseClient } from "../house-client.ts";
import type { Call, Verb } from "./verb.ts";
import type { EventView } from "../../lib/admin/events-panel.ts";
import type { PageOf } from "../../lib/admin/panel.ts";

export const events: Verb = {
  name: "events",
  does: "what happened to objects, buckets and users",
  args: [],
  options: [
    { name: "last", takes: "N", doc: "so many; 20 unless said" },
    { name: "follow", doc: "go on as they happen, until Ctrl-C" },
  ],
  examples: ["events", "events --last 100 --json", "events --follow"],
  run: eventsNow,
};

async function eventsNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const last = encodeURIComponent(call.option("last") ?? "20");
  const page = await client.ask<PageOf<EventView>>("GET", `/events?last=${last}&limit=1000`);
  if (!page.ok) return call.refuse(page.fault);
  const { rows } = page.value;
  if (!call.flag("follow")) {
    if (call.print.look.json) call.print.answer(rows, () => {});
    else if (rows.length === 0) call.print.note("nothing happened yet");
    else for (const event of rows) show(call, event);
    return exitCode.ok;
  }
  for (const event of rows) show(call, event);
  return await follow(call, client, rows.at(-1)?.seq);
}

function show({ print }: Call, event: EventView): void {
  if (print.look.json) return print.line(JSON.stringify(event));
  const { at, kind, bucket, subject, size, by, door } = event;
  const what = bucket === "" || subject === bucket ? subject : `${bucket}/${subject}`;
  const bytes = size > 0 ? `  ${bytesText(size)}` : "";
  print.line(`${whenText(at)}  ${kind.padEnd(16)} ${what}${bytes}  by ${by} through ${door}`);
}

/** Reads the live feed, and takes it up again where it ended. */
async function follow(call: Call, client: HouseClient, seen: number | undefined): Promise<number> {
  let after = seen;
  for (;;) {
    const from = after === undefined ? "" : `?after=${after}`;
    const opened = await client.open(`/events/live${from}`);
    if (!opened.ok) return call.refuse(opened.fault);
    let held = "";
    for await (const chunk of opened.value.body ?? []) {
      held += Buffer.from(chunk).toString("utf8");
      const blocks = held.split("\n\n");
      held = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        const event = JSON.parse(data) as EventView;
        after = event.seq;
        show(call, event);
      }
    }
  }
}
