import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.3. */
export const dele = command("DELE", "<path>", remove);

function* remove(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const removed = yield* ask("removeFile", { path: path.value });
  if (!removed.ok) return control.refuse(removed.fault);
  return control.reply(250, "File removed");
}
