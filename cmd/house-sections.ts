import { endpoint, enumeration, path } from "../lib/config/field.ts";
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

const adminSection = (port: number) =>
  section("admin", "The admin API and the console.", {
    listen: endpoint({
      default: `127.0.0.1:${port}`,
      doc: "Where they are reached, over TLS. Keep it on loopback, or behind a firewall.",
    }),
  });

/** The sections every daemon has. */
export const houseSections = (daemon: Daemon) =>
  [dataSection, logSection, adminSection(daemons[daemon].adminPort)] as const;

export type HouseSections = ReturnType<typeof houseSections>;
