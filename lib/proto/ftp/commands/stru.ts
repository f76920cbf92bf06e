import { command } from "../command.ts";

/** RFC 959 §3.1.2: files without structure. */
export const stru = command("STRU", "F", (control, argument) => {
  const asked = argument.trim().toUpperCase();
  if (asked === "F") return control.reply(200, "Structure is file");
  return control.reply(/^[RP]$/.test(asked) ? 504 : 501, "The structure is F");
});
