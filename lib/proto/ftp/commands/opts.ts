import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { chosenFacts } from "../facts.ts";
import { hashNames } from "./hash.ts";

/** RFC 2389 §4: UTF8 is always on; MLST chooses facts (RFC 3659 §7.9), HASH the algorithm. */
export const opts = command(
  "OPTS",
  "<command> [options]",
  (control, argument) => {
    const [, name = "", options = ""] = /^(\S+) ?(.*)$/.exec(argument) ?? [];
    const set = settings.get(name.toUpperCase());
    return set ? set(control, options) : control.reply(501, "There are no such options");
  },
  { login: false },
);

const settings = new Map<string, (control: Control, options: string) => undefined>([
  ["UTF8", utf8],
  ["UTF-8", utf8],
  ["MLST", facts],
  ["HASH", hashChoice],
  ["MODE", deflateLevel],
]);

function utf8(control: Control, options: string): undefined {
  if (/^(?:on|)$/i.test(options.trim())) return control.reply(200, "UTF8 is always on");
  return control.reply(/^off$/i.test(options.trim()) ? 504 : 501, "UTF8 is always on");
}

function facts(control: Control, options: string): undefined {
  const names = options.split(";").filter((name) => name !== "");
  if (names.length > 64) return control.reply(501, "So many facts do not exist");
  control.facts = chosenFacts(names);
  return control.reply(200, `MLST OPTS ${control.facts.map((name) => `${name};`).join("")}`);
}

function hashChoice(control: Control, options: string): undefined {
  const name = options.trim().toUpperCase();
  if (name !== "" && !hashNames.has(name)) return control.reply(501, [...hashNames.keys()].join(", "));
  if (name !== "") control.hashName = name;
  return control.reply(200, control.hashName);
}

/** draft-preston-ftpext-deflate §2.3: "MODE Z LEVEL 6". */
function deflateLevel(control: Control, options: string): undefined {
  const [, level] = /^Z LEVEL ([1-9])$/i.exec(options.trim()) ?? [];
  if (level === undefined || !control.policy.compression) return control.reply(501, "MODE Z LEVEL 1 to 9");
  control.deflateLevel = Number(level);
  return control.reply(200, `MODE Z LEVEL ${level}`);
}
