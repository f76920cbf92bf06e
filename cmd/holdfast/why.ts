import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const why: Verb = {
  name: "why",
  does: "the chain of reasons that allows or refuses somebody something",
  args: [{ name: "USER" }, { name: "VERB" }, { name: "PATH", optional: true }],
  options: [],
  examples: ["why mia object.read projects/plan.pdf", "why mia house.users"],
  run: whyNow,
};

async function whyNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const query = new URLSearchParams({
    user: call.arg("USER"),
    verb: call.arg("VERB"),
    path: call.arg("PATH"),
  });
  const decision = await client.ask<{ allowed: boolean; chain: string[] }>("GET", `/why?${query.toString()}`);
  if (!decision.ok) return call.refuse(decision.fault);
  const { allowed, chain } = decision.value;
  const { print } = call;
  print.answer(decision.value, () => {
    chain.forEach((line, at) => print.line(`${"  ".repeat(Math.min(at, 1))}${line}`));
  });
  return allowed ? exitCode.ok : exitCode.refused;
}
