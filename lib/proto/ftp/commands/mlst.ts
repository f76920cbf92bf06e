import { pathText } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { factsLine } from "../facts.ts";

/** RFC 3659 §7: facts of one thing, over the control connection. */
export const mlst = command("MLST", "[path]", tell);

function* tell(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  const name = pathText(path.value);
  return control.replyLines(250, `Listing ${name}`, [factsLine(found.value, control.facts, name)], "End");
}
