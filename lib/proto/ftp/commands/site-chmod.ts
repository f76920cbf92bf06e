import { ask, type Flow } from "../asks.ts";
import type { Control } from "../control.ts";

/** "SITE CHMOD 644 path". Bits above 777 are left out: they mean nothing here. */
export function* siteChmod(control: Control, argument: string): Flow {
  const [, digits = "", name = ""] = /^([0-7]{3,4}) (.+)$/.exec(argument) ?? [];
  if (name === "") return control.reply(501, "SITE CHMOD 644 path");
  const path = control.pathOf(name);
  if (!path.ok) return control.refuse(path.fault, 550);
  const changed = yield* ask("change", { path: path.value, mode: Number.parseInt(digits, 8) & 0o777 });
  if (!changed.ok) return control.refuse(changed.fault);
  return control.reply(200, "Mode changed");
}
