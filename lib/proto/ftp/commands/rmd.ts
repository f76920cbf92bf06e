import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.3. Only an empty folder goes. */
export const rmd = command("RMD", "<path>", remove);

function* remove(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  if (path.value.length === 0) return control.reply(550, "The root stays");
  const removed = yield* ask("removeFolder", { path: path.value });
  if (!removed.ok) return control.refuse(removed.fault);
  return control.reply(250, "Folder removed");
}
