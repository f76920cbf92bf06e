import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { factsFeature } from "../facts.ts";
import { checksums } from "./checksum.ts";
import { hashFeature } from "./hash.ts";

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
  const tls =
    control.policy.tls === "off"
      ? []
      : ["AUTH TLS;TLS-C;SSL;TLS-P;", ...(control.policy.clearControl ? ["CCC"] : []), "PBSZ", "PROT C;P;"];
  return [
    ...tls,
    "AVBL",
    "CLNT",
    "COMB",
    "CSID",
    "EPRT",
    "EPSV",
    `HASH ${hashFeature(control.hashName)}`,
    "HOST",
    "LANG EN*",
    "MFF Modify;UNIX.mode;",
    "MD5",
    "MDTM",
    "MFMT",
    `MLST ${factsFeature(control.facts)}`,
    ...(control.policy.compression ? ["MODE Z"] : []),
    "RANG STREAM",
    "REST STREAM",
    "SITE CHMOD",
    "SITE CPFR",
    "SITE CPTO",
    "SITE UTIME",
    "SIZE",
    "TVFS",
    "UTF8",
    ...checksums.map(({ verb }) => verb),
  ];
}
