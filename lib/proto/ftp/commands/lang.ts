import { command } from "../command.ts";

/** RFC 2640 §4.1: replies are in English. */
export const lang = command(
  "LANG",
  "[language]",
  (control, argument) =>
    /^(?:en(?:-[a-z0-9-]+)?)?$/i.test(argument.trim())
      ? control.reply(200, "English it is")
      : control.reply(504, "Replies are in English"),
  { login: false },
);
