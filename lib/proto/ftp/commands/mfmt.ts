import { pathText } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { readTimeVal, timeVal } from "../time.ts";

/** draft-somers-ftp-mfxx §3.1: sets when it was last changed. */
export const mfmt = command("MFMT", "<time> <path>", set);

function* set(control: Control, argument: string): Flow {
  const [, time = "", name = ""] = /^(\S+) (.+)$/.exec(argument) ?? [];
  const modifiedAt = readTimeVal(time);
  if (modifiedAt === undefined || name === "") return control.reply(501, "MFMT YYYYMMDDHHMMSS path");
  const path = control.pathOf(name);
  if (!path.ok) return control.refuse(path.fault, 550);
  const changed = yield* ask("change", { path: path.value, modifiedAt });
  if (!changed.ok) return control.refuse(changed.fault);
  return control.reply(213, `Modify=${timeVal(modifiedAt)}; ${pathText(path.value)}`);
}
