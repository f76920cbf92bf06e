import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** draft-peterson-streamlined-ftp-command-extensions §4: bytes one may still store. */
export const avbl = command("AVBL", "[path]", tell);

function* tell(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  if (found.value.kind !== "folder") return control.reply(550, "That is not a folder");
  const space = yield* ask("space", { path: path.value });
  if (!space.ok) return control.refuse(space.fault);
  return control.reply(213, String(space.value.free));
}
