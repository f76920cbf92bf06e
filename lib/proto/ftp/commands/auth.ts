import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** RFC 4217 §4. Forgets who had signed in; what came behind it in the same packet ends the connection. */
export const auth = command(
  "AUTH",
  "TLS",
  (control, argument) => {
    const mechanism = argument.trim().toUpperCase();
    if (control.policy.tls === "off") return control.reply(502, "TLS is not served here");
    if (control.secured) return control.reply(503, "This connection is secured already");
    if (control.cleared) return control.reply(503, "This connection was secured, and cleared");
    if (!mechanisms.has(mechanism)) return control.reply(504, "The mechanism is TLS");
    control.reply(234, "Begin TLS");
    control.forget();
    control.secured = true;
    // RFC 4217 §4 and Internet drafts before it: these two begin with private data.
    control.privateData = mechanism === "SSL" || mechanism === "TLS-P";
    control.protectionSized = false;
    return control.emit({ do: "secure" });
  },
  { login: false },
);

const mechanisms = new Set(["TLS", "TLS-C", "SSL", "TLS-P"]);

/** RFC 2228 §3, RFC 4217 §8: TLS has no buffer to agree on. */
export const pbsz = command(
  "PBSZ",
  "0",
  (control, argument) => {
    if (!control.secured) return control.reply(503, "AUTH TLS comes first");
    if (!/^\d{1,10}$/.test(argument.trim())) return control.reply(501, "PBSZ 0");
    control.protectionSized = true;
    return control.reply(200, "PBSZ=0");
  },
  { login: false },
);

/** RFC 2228 §3, RFC 4217 §9: whether data connections are clear or private. */
export const prot = command("PROT", "C|P", protect, { login: false });

function protect(control: Control, argument: string): undefined {
  if (control.cleared) return control.reply(503, "After CCC data stays as protected as it is");
  const level = argument.trim().toUpperCase();
  if (!control.protectionSized) return control.reply(503, "PBSZ 0 comes first");
  if (level === "S" || level === "E") return control.reply(536, "Levels are C and P");
  if (level !== "C" && level !== "P") return control.reply(504, "Levels are C and P");
  if (level === "C" && !control.policy.clearData) return control.reply(534, "Data moves over TLS only");
  control.privateData = level === "P";
  return control.reply(200, level === "P" ? "Data is private" : "Data is clear");
}

/** RFC 2228 §3, RFC 4217 §6: the rest of the commands in clear, for firewalls that want to read them. */
export const ccc = command(
  "CCC",
  "",
  (control) => {
    if (!control.secured) return control.reply(533, "This connection is in clear");
    if (!control.policy.clearControl) return control.reply(534, "The control connection stays private");
    if (!control.account) return control.reply(530, "Sign in first");
    control.reply(200, "TLS ends here");
    control.secured = false;
    control.cleared = true;
    return control.emit({ do: "clear" });
  },
  { login: false },
);
