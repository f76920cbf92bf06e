import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.3. The transfer answers 426 first, and 226 for this follows it. */
export const abor = command("ABOR", "", abort, { login: false, transfer: "during" });

function* abort(control: Control): Flow {
  if (!control.transfer) return control.reply(225, "There is nothing to abort");
  control.transfer.aborted = true;
  yield* ask("abort", {});
  return undefined;
}
