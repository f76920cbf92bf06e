import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.3: says whether so much would fit; nothing is set aside. */
export const allo = command("ALLO", "<bytes> [R <bytes>]", check);

function* check(control: Control, argument: string): Flow {
  const [, digits] = /^(\d{1,19})(?: R \d{1,19})?$/i.exec(argument.trim()) ?? [];
  if (digits === undefined) return control.reply(501, "ALLO bytes");
  const space = yield* ask("space", { path: control.cwd });
  if (!space.ok) return control.refuse(space.fault);
  if (Number(digits) > space.value.free) return control.reply(552, "So much would not fit");
  return control.reply(200, "It fits");
}
