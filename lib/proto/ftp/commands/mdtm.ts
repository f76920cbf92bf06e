import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { timeVal } from "../time.ts";

/** RFC 3659 §3: when it was last changed, UTC. */
export const mdtm = command("MDTM", "<path>", tell);

function* tell(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  return control.reply(213, timeVal(found.value.modifiedAt));
}
