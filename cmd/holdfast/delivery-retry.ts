import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const deliveryRetry: Verb = {
  name: "delivery retry",
  does: "send the dead letters of a queue again, or the one with that number",
  args: [{ name: "QUEUE" }, { name: "ID", optional: true }],
  options: [],
  examples: ["delivery retry notify:orders", "delivery retry notify:orders 17"],
  run: (call) => changeDead(call, "POST", "retry", "waiting again"),
};

export const deliveryDrop: Verb = {
  name: "delivery drop",
  does: "forget the dead letters of a queue, or the one with that number",
  args: [{ name: "QUEUE" }, { name: "ID", optional: true }],
  options: [],
  examples: ["delivery drop notify:orders", "delivery drop notify:orders 17"],
  run: (call) => changeDead(call, "DELETE", "dead", "forgotten"),
};

async function changeDead(call: Call, method: string, what: string, done: string): Promise<number> {
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const id = call.arg("ID");
  const path = `/deliveries/${encodeURIComponent(call.arg("QUEUE"))}/${what}`;
  const asked = await client.ask<{ letters: number }>(
    method,
    id === "" ? path : `${path}?id=${encodeURIComponent(id)}`,
  );
  if (!asked.ok) return call.refuse(asked.fault);
  const { letters } = asked.value;
  call.print.answer(asked.value, () => call.print.record([["letters", `${letters} ${done}`]]));
  return exitCode.ok;
}
