import { command } from "../command.ts";

/** RFC 959 §3.4: a stream; Z is the same deflated, where that is allowed (draft-preston-ftpext-deflate). */
export const mode = command("MODE", "S|Z", (control, argument) => {
  const asked = argument.trim().toUpperCase();
  if (asked === "S" || (asked === "Z" && control.policy.compression)) {
    control.deflated = asked === "Z";
    return control.reply(200, asked === "Z" ? "Mode is deflated stream" : "Mode is stream");
  }
  return control.reply(/^[BCZ]$/.test(asked) ? 504 : 501, "The mode is S");
});
