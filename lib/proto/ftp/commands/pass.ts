import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 959 §4.1.1. One answer for every reason to refuse; 421 when the tries are used up. */
export const pass = command(
  "PASS",
  "[password]",
  (control, argument) => {
    if (control.stage === "expect-password") return signIn(control, argument);
    return control.reply(503, control.account ? "You have signed in" : "USER comes first");
  },
  { login: false },
);

function* signIn(control: Control, password: string): Flow {
  const { user } = control;
  control.stage = "expect-user";
  const answer = yield* ask("login", { user, password, secured: control.secured });
  if (answer.ok) {
    control.account = answer.value;
    control.stage = "expect-command";
    return control.reply(230, answer.value.welcome ?? "Welcome");
  }
  control.failedLogins++;
  if (answer.fault.code === "too-many" || control.failedLogins >= control.policy.loginTries) {
    control.reply(421, "Too many tries; goodbye");
    return control.emit({ do: "close" });
  }
  return control.reply(530, "Not signed in: name or password is wrong");
}
