import { pathText } from "../../../base/path.ts";
import { ask, type Flow, type Questions } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { readTimeVal } from "../time.ts";

/** draft-somers-ftp-mfxx §5: "MFF Modify=20200102030405;UNIX.mode=0644; path". All or nothing. */
export const mff = command("MFF", "<facts> <path>", set);

type Change = Omit<Questions["change"][0], "path">;

/** Facts that can be set; undefined: the value is no good. */
const setters = new Map<string, (value: string) => Change | undefined>([
  ["modify", modified],
  ["unix.mode", mode],
]);

function* set(control: Control, argument: string): Flow {
  const [, facts = "", name = ""] = /^(\S*;) (.+)$/.exec(argument) ?? [];
  if (name === "") return control.reply(501, "MFF fact=value;… path");
  let change: Change = {};
  for (const fact of facts.split(";").slice(0, -1)) {
    const [, key = "", value = ""] = /^([^=]+)=(.+)$/.exec(fact) ?? [];
    const read = setters.get(key.toLowerCase());
    if (!read) return control.reply(504, "Facts that can be set are Modify and UNIX.mode");
    const one = read(value);
    if (!one) return control.reply(501, "That is no value of the fact");
    change = { ...change, ...one };
  }
  const path = control.pathOf(name);
  if (!path.ok) return control.refuse(path.fault, 550);
  const changed = yield* ask("change", { path: path.value, ...change });
  if (!changed.ok) return control.refuse(changed.fault);
  return control.reply(213, `${facts} ${pathText(path.value)}`);
}

function modified(value: string): Change | undefined {
  const modifiedAt = readTimeVal(value);
  return modifiedAt === undefined ? undefined : { modifiedAt };
}

function mode(value: string): Change | undefined {
  return /^[0-7]{3,4}$/.test(value) ? { mode: Number.parseInt(value, 8) & 0o777 } : undefined;
}
