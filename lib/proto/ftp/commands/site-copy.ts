import { ask, type Flow } from "../asks.ts";
import type { Control } from "../control.ts";

/** ProFTPD's "SITE CPFR from", then "SITE CPTO to": a copy that never leaves the server. */
export function* siteCopyFrom(control: Control, argument: string): Flow {
  if (argument === "") return control.reply(501, "SITE CPFR path");
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  if (found.value.kind === "folder") return control.reply(550, "Only files are copied");
  control.copyFrom = path.value;
  return control.reply(350, "SITE CPTO, please");
}

export function* siteCopyTo(control: Control, argument: string): Flow {
  const from = control.copyFrom;
  control.copyFrom = undefined;
  if (!from) return control.reply(503, "SITE CPFR comes first");
  if (argument === "") return control.reply(501, "SITE CPTO path");
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault);
  const done = yield* ask("copy", { from, to: path.value });
  if (!done.ok) return control.refuse(done.fault);
  return control.reply(250, "Copied");
}
