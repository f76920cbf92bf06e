import { endpoint, enumeration, path, secret, text } from "../lib/config/field.ts";
import { section } from "../lib/config/section.ts";
import { daemons, type Daemon } from "./daemons.ts";

export const dataSection = section("data", "Where the house keeps what it is given.", {
  dir: path({
    doc: "The data directory, the same for all daemons of the host. Where none is stated: $STATE_DIRECTORY, \
/var/lib/holdfast where it can be written, else holdfast under $XDG_DATA_HOME or ~/.local/share.",
  }),
});

export const logSection = section("log", "What the daemon tells while it runs.", {
  level: enumeration(["debug", "info", "warn", "error"], {
    default: "info",
    reload: "live",
    doc: "The least important lines that are written.",
  }),
  format: enumeration(["auto", "json", "human", "journal"], {
    default: "auto",
    doc: "How lines look; auto is journal under systemd, human on a terminal, and json elsewhere.",
  }),
  file: path({
    doc: "A file to write to instead of standard error. Opened again on SIGHUP, for log rotation.",
  }),
});

export const kmsSection = section(
  "kms",
  "A key service of AWS's kind, where keys that objects name lie there.",
  {
    endpoint: text({
      default: "",
      pattern: /^(?:https?:\/\/[^\s/]+)?$/,
      like: "https://kms.eu-central-1.amazonaws.com",
      doc: "Where it is; empty: the house's own key ring is used (holdfast kms).",
    }),
    region: text({
      default: "us-east-1",
      pattern: /^[a-z0-9-]{1,63}$/,
      doc: "The region that requests to it are signed for.",
    }),
    accessKey: text({ default: "", max: 128, doc: "The access key's id that requests are signed with." }),
    secretKey: secret({ doc: "The secret that goes with it." }),
    key: text({
      default: "",
      max: 256,
      doc: "The key that seals where an object names none: an id, alias or ARN.",
    }),
  },
);

const adminSection = (port: number) =>
  section("admin", "The admin API and the console.", {
    listen: endpoint({
      default: `127.0.0.1:${port}`,
      doc: "Where they are reached, over TLS. Keep it on loopback, or behind a firewall.",
    }),
  });

/** The sections every daemon has. */
export const houseSections = (daemon: Daemon) =>
  [dataSection, logSection, kmsSection, adminSection(daemons[daemon].adminPort)] as const;

export type HouseSections = ReturnType<typeof houseSections>;
