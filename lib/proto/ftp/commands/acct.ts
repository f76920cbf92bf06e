import { command } from "../command.ts";

/** RFC 959 §4.1.1. Nothing here is kept by account. */
export const acct = command("ACCT", "<information>", (control) => control.reply(202, "Not needed here"), {
  login: false,
});
