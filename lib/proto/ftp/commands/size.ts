import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 3659 §4: bytes as they would be sent; in TYPE A nobody knows without sending. */
export const size = command("SIZE", "<path>", tell);

function* tell(control: Control, argument: string): Flow {
  if (control.ascii) return control.reply(550, "Not known in TYPE A; use TYPE I");
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  if (found.value.kind === "folder") return control.reply(550, "That is a folder");
  return control.reply(213, String(found.value.size));
}
