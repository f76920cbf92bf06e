import { isWithin } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.3. Any command but RNTO forgets it. */
export const rnfr = command("RNFR", "<path>", from);

function* from(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  if (path.value.length === 0) return control.reply(550, "The root stays where it is");
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  control.renameFrom = path.value;
  return control.reply(350, "RNTO, please");
}

/** RFC 959 §4.1.3. Takes the place of a file that is there. */
export const rnto = command("RNTO", "<path>", to);

function* to(control: Control, argument: string): Flow {
  const from = control.renameFrom;
  control.renameFrom = undefined;
  if (!from) return control.reply(503, "RNFR comes first");
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault);
  if (path.value.length > from.length && isWithin(path.value, from)) {
    return control.reply(550, "A folder cannot go into itself");
  }
  const renamed = yield* ask("rename", { from, to: path.value });
  if (!renamed.ok) return control.refuse(renamed.fault);
  return control.reply(250, "Renamed");
}
