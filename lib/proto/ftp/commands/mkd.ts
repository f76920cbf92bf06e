import { pathText } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { quoted } from "./pwd.ts";

/** RFC 959 §4.1.3. */
export const mkd = command("MKD", "<path>", make);

function* make(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault);
  const made = yield* ask("makeFolder", { path: path.value });
  if (!made.ok) return control.refuse(made.fault);
  return control.reply(257, `${quoted(pathText(path.value))} is made`);
}
