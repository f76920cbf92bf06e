import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.1, RFC 2228 §3 (232). Known and unknown users get the same answer. */
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
    if (control.secured && control.policy.clientCertificates !== "off") return vouch(control, argument);
    return control.reply(331, "Password, please");
  },
  { login: false },
);

function* vouch(control: Control, user: string): Flow {
  const vouched = yield* ask("vouch", { user });
  if (!vouched.ok || vouched.value === undefined) return control.reply(331, "Password, please");
  control.account = vouched.value;
  control.stage = "expect-command";
  return control.reply(232, "Welcome: your certificate suffices");
}
