import { activeRefusal, readExtendedPort, readPort } from "../address.ts";
import { ask, type DataAddress, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.2, with RFC 2577's care. */
export const port = command("PORT", "<h1,h2,h3,h4,p1,p2>", (control, argument) => {
  if (control.extendedOnly) return control.reply(503, "You chose EPSV ALL");
  const to = readPort(argument);
  return to ? call(control, to) : control.reply(501, "PORT h1,h2,h3,h4,p1,p2");
});

/** RFC 2428 §2. */
export const eprt = command("EPRT", "<|1|address|port|>", (control, argument) => {
  if (control.extendedOnly) return control.reply(503, "You chose EPSV ALL");
  const to = readExtendedPort(argument);
  if (to.is === "malformed") return control.reply(501, "EPRT |1|address|port|");
  if (to.is === "unknown-family") return control.reply(522, "Network protocols are (1,2)");
  return call(control, to.address);
});

function* call(control: Control, to: DataAddress): Flow {
  const refusal = activeRefusal(to, control.peer.address, control.policy.siteToSite);
  if (refusal !== undefined) return control.reply(500, refusal);
  const noted = yield* ask("active", to);
  if (!noted.ok) return control.refuse(noted.fault, 500);
  return control.reply(200, "Noted");
}
