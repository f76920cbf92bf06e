import { command } from "../command.ts";

/** RFC 959 §3.4: a stream. */
export const mode = command("MODE", "S", (control, argument) => {
  const asked = argument.trim().toUpperCase();
  if (asked === "S") return control.reply(200, "Mode is stream");
  return control.reply(/^[BCZ]$/.test(asked) ? 504 : 501, "The mode is S");
});
