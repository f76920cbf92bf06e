import { command } from "../command.ts";

/** RFC 959 §4.1.1. Under TLS refused: RFC 4217 §11 wants TLS dropped, which nobody expects today. */
export const rein = command(
  "REIN",
  "",
  (control) => {
    if (control.secured) return control.reply(502, "Reconnect instead: this connection is secured");
    control.forget();
    return control.reply(220, "Ready for a new user");
  },
  { login: false },
);
