import { command } from "../command.ts";

/** Clients tell their name; nothing depends on it. */
export const clnt = command("CLNT", "[name]", (control) => control.reply(200, "Noted"), {
  login: false,
});
