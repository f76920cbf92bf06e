import { parentOf, pathText, type Path } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.1. */
export const cwd = command("CWD", "<path>", (control, argument) => {
  const path = control.pathOf(argument);
  return path.ok ? goTo(control, path.value) : control.refuse(path.fault, 550);
});

/** RFC 959 §4.1.1; at the root one stays. */
export const cdup = command("CDUP", "", (control) => goTo(control, parentOf(control.cwd)));

function* goTo(control: Control, path: Path): Flow {
  const found = yield* ask("stat", { path });
  if (!found.ok) return control.refuse(found.fault);
  if (found.value.kind !== "folder") return control.reply(550, "That is not a folder");
  control.cwd = path;
  return control.reply(250, `You are in ${pathText(path)}`);
}
