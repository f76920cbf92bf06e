import { passiveText } from "../address.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.2. IPv4 alone; an IPv6 client is told to use EPSV. */
export const pasv = command("PASV", "", meet4);

function* meet4(control: Control): Flow {
  if (control.extendedOnly) return control.reply(503, "You chose EPSV ALL");
  const meeting = yield* ask("passive", { family: 4 });
  if (!meeting.ok) return control.refuse(meeting.fault, 425);
  return control.reply(227, passiveText(meeting.value));
}

/** RFC 2428 §3. */
export const epsv = command("EPSV", "[1|2|ALL]", (control, argument) => {
  const asked = argument.trim().toUpperCase();
  if (asked === "ALL") {
    control.extendedOnly = true;
    return control.reply(200, "EPSV it is, until the end");
  }
  if (asked === "" || asked === "1" || asked === "2") return meet(control, families[asked]);
  return control.reply(/^\d{1,5}$/.test(asked) ? 522 : 501, "Network protocols are (1,2)");
});

const families = { "": "same", 1: 4, 2: 6 } as const;

function* meet(control: Control, family: 4 | 6 | "same"): Flow {
  const meeting = yield* ask("passive", { family });
  if (meeting.ok) {
    return control.reply(229, `Entering Extended Passive Mode (|||${meeting.value.port}|)`);
  }
  if (meeting.fault.code === "unsupported") return control.reply(522, "Use the other protocol (1,2)");
  return control.refuse(meeting.fault, 425);
}
