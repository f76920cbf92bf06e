import { command } from "../command.ts";

/** RFC 959 §4.1.3. */
export const noop = command("NOOP", "[anything]", (control) => control.reply(200, "Here"), {
  login: false,
});
