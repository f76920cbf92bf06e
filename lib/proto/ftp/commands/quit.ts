import { command } from "../command.ts";

/** RFC 959 §4.1.1. Waits for a transfer under way, as RFC 959 wants. */
export const quit = command(
  "QUIT",
  "",
  (control) => {
    control.reply(221, "Goodbye");
    return control.emit({ do: "close" });
  },
  { login: false },
);
