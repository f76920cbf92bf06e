import { command } from "../command.ts";

/** RFC 959 §4.1.3. Clients choose their parser of LIST by this very text. */
export const syst = command("SYST", "", (control) => control.reply(215, "UNIX Type: L8"), {
  login: false,
});
