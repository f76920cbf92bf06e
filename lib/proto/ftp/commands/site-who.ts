import { ask, type Flow } from "../asks.ts";
import type { Control } from "../control.ts";

/** Who is here, and what they do: everybody for administrators, one's own sessions for others. */
export function* siteWho(control: Control): Flow {
  const who = yield* ask("who", {});
  if (!who.ok) return control.refuse(who.fault);
  return control.replyLines(200, "Sessions:", who.value, "End");
}
