import { command } from "../command.ts";

/** RFC 959 §4.1.1. Known and unknown users get the same answer. */
export const user = command(
  "USER",
  "<name>",
  (control, argument) => {
    if (control.account) return control.reply(530, "You have signed in; REIN or reconnect to change");
    if (control.policy.tls === "required" && !control.secured) {
      return control.reply(530, "Sign in over TLS only: send AUTH TLS first");
    }
    control.user = argument;
    control.stage = "expect-password";
    return control.reply(331, "Password, please");
  },
  { login: false },
);
