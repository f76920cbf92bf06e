import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { factsFeature } from "../facts.ts";

/** RFC 2389 §3. The same before and after signing in. */
export const feat = command(
  "FEAT",
  "",
  (control) => control.replyLines(211, "Features:", features(control), "End"),
  {
    login: false,
  },
);

function features(control: Control): string[] {
  const tls = control.policy.tls === "off" ? [] : ["AUTH TLS;TLS-C;SSL;TLS-P;", "PBSZ", "PROT C;P;"];
  return [
    ...tls,
    "AVBL",
    "CLNT",
    "EPRT",
    "EPSV",
    "MDTM",
    "MFMT",
    `MLST ${factsFeature(control.facts)}`,
    "REST STREAM",
    "SIZE",
    "TVFS",
    "UTF8",
  ];
}
