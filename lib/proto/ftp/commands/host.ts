import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 7151 §3: which of the server's hosts the client means; the last one said counts. */
export const host = command("HOST", "<name>", choose, { login: false });

function* choose(control: Control, argument: string): Flow {
  if (control.account || control.stage === "expect-password") {
    return control.reply(503, "HOST comes before USER");
  }
  const chosen = yield* ask("host", { name: argument });
  if (chosen.ok) return control.reply(220, chosen.value.greeting ?? control.policy.greeting);
  return control.refuse(chosen.fault, chosen.fault.code === "bad-name" ? 501 : 504);
}
