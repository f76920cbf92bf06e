import { fail, ok, type Result } from "../../lib/base/result.ts";
import { verbs } from "../../lib/rules/access.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";
import type { GrantView } from "../../lib/admin/grants-panel.ts";

export const grantAdd: Verb = {
  name: "grant add",
  does: "allow, or deny, somebody something",
  args: [{ name: "WHO" }, { name: "VERBS" }, { name: "WHERE", optional: true }],
  options: [{ name: "deny", doc: "deny instead: a deny stands above every allow" }],
  examples: [
    "grant add mia read,list projects/",
    "grant add group:staff object.read,object.write,object.list projects/shared/",
    "grant add everyone read public",
    "grant add mia object.delete projects/archive/ --deny",
  ],
  run: grantAddNow,
};

/** Words for what is mostly meant; everything else is said by its own name. */
const short: Readonly<Record<string, readonly string[]>> = {
  read: ["object.read", "object.list", "version.read", "bucket.read"],
  write: ["object.write"],
  list: ["object.list", "bucket.read"],
  delete: ["object.delete"],
  all: verbs.filter(
    (verb) => verb.startsWith("object.") || verb.startsWith("version.") || verb === "bucket.read",
  ),
};

async function grantAddNow(call: Call): Promise<number> {
  const asked = verbsOf(call.arg("VERBS"));
  if (!asked.ok) return call.refuse(asked.fault);
  const [bucket = "", ...rest] = call.arg("WHERE").replace(/^\/+/, "").split("/");
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const added = await client.ask<GrantView>("POST", "/grants", {
    effect: call.flag("deny") ? "deny" : "allow",
    who: whoOf(call.arg("WHO")),
    verbs: asked.value,
    bucket: bucket === "" ? "*" : bucket,
    prefix: rest.join("/"),
  });
  if (!added.ok) return call.refuse(added.fault);
  call.print.answer(added.value, () => call.print.line(added.value.id));
  return exitCode.ok;
}

function whoOf(text: string): GrantView["who"] {
  if (text === "everyone") return { everyone: true };
  return text.startsWith("group:") ? { group: text.slice("group:".length) } : { user: text };
}

function verbsOf(text: string): Result<string[]> {
  const said = text.split(",").filter((word) => word !== "");
  const unknown = said.find((word) => !Object.hasOwn(short, word) && !verbs.some((verb) => verb === word));
  if (unknown !== undefined || said.length === 0)
    return fail("invalid", `there is no permission "${unknown ?? ""}"`, {
      mend: `say ${Object.keys(short).join(", ")}, or: ${verbs.join(" ")}`,
    });
  return ok([...new Set(said.flatMap((word) => short[word] ?? [word]))]);
}
