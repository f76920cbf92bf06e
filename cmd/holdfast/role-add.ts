import { readFileSync } from "node:fs";
import type { RoleView } from "../../lib/admin/roles-panel.ts";
import { readDuration } from "../../lib/config/quantity.ts";
import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const roleAdd: Verb = {
  name: "role add",
  does: "add a role that AssumeRole hands out, or change it",
  args: [{ name: "NAME" }],
  options: [
    { name: "policy", takes: "FILE", doc: "what it may do: AWS's policy language, JSON, without Principal" },
    { name: "trust", takes: "USER|@GROUP|*", doc: "who may take it on; may be said again", many: true },
    { name: "max", takes: "SPAN", doc: "how long a session of it lasts at most, 15m to 12h; 1h unless said" },
  ],
  examples: ["role add backup --policy backup.json --trust robot --trust @operators --max 6h"],
  run: addNow,
};

async function addNow(call: Call): Promise<number> {
  const file = call.option("policy");
  if (file === undefined) {
    return call.refuse({ code: "invalid", what: "what may it do?", mend: "say --policy FILE" });
  }
  const max = readDuration(call.option("max") ?? "1h");
  if (max === undefined) return call.refuse({ code: "invalid", what: "--max is a span of time, like 6h" });
  const policy = textOf(file);
  if (policy === undefined) {
    return call.refuse({ code: "invalid", what: "the policy's file cannot be read", where: file });
  }
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/roles/${encodeURIComponent(call.arg("NAME"))}`;
  const body = { policy, trusts: call.options("trust"), maxSeconds: Math.floor(max / 1000) };
  const added = await client.ask<RoleView>("PUT", path, body);
  if (!added.ok) return call.refuse(added.fault);
  const { name } = added.value;
  call.print.answer(added.value, () =>
    call.print.note(`${name} is a role: arn:aws:iam::main:role/${name} for AssumeRole`),
  );
  return exitCode.ok;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch {
    return undefined;
  }
}
