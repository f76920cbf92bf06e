import { parse } from "yaml";
import { fail, ok, type Result } from "../../base/result.ts";
import { Import, type Imported } from "./imported.ts";

/** Reads a configuration of simple-utcd: INI, JSON or YAML, which all have the same names, in sections or
 *  not. Faults: invalid. */
export function importSimpleUtcd(text: string): Result<Imported> {
  const settings = settingsOf(text);
  if (!settings.ok) return settings;
  const out = new Import();
  const known = new Map(Object.entries(takers));
  for (const [name, { value, line }] of settings.value) {
    out.at(line, name);
    const take = known.get(name);
    if (take) take(out, value, settings.value);
    else if (!needless.has(name)) out.note("it has no counterpart");
  }
  out.at(0, "");
  out.note("TIME counts from 1900, as RFC 868 says: clients that expected Unix seconds must be mended");
  return ok(out.done());
}

interface Said {
  readonly value: unknown;
  readonly line: number;
}

/** Names by their last part: "network.listen_port" and "listen_port" are the same. */
function settingsOf(text: string): Result<ReadonlyMap<string, Said>> {
  const found = new Map<string, Said>();
  if (/^\s*\[|^[ \t]*\w+[ \t]*=/m.test(text) && !/^\s*\{/.test(text)) {
    for (const [i, line] of text.split(/\r?\n/).entries()) {
      const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line.replace(/^\s*[#;].*$/, "")) ?? [];
      if (name !== undefined) found.set(name, { value: value!.replace(/^"(.*)"$/, "$1"), line: i + 1 });
    }
    return ok(found);
  }
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0, logLevel: "error" });
  } catch (cause) {
    return fail("invalid", `it can be read neither as INI nor as YAML: ${(cause as Error).message}`);
  }
  gather(document, found);
  return found.size > 0 ? ok(found) : fail("invalid", "it is no configuration of simple-utcd");
}

function gather(value: unknown, into: Map<string, Said>): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) gather(inner, into);
    else into.set(name, { value: inner, line: 0 });
  }
}

/** What needs no setting here, or is one of the service. */
const needless = new Set(
  `
  enable_statistics stats_interval max_packet_size enable_ipv6 timeout sync_interval
  enable_console_logging enable_syslog max_connections log_file pid_file reference_id
`
    .trim()
    .split(/\s+/),
);

type Take = (out: Import, value: unknown, all: ReadonlyMap<string, Said>) => void;

const words = (value: unknown): string[] =>
  (Array.isArray(value) ? value.map(String) : String(value).split(/[\s,]+/)).filter((word) => word !== "");
const isTrue = (value: unknown): boolean => value === true || /^(?:true|yes|on|1)$/i.test(String(value));
const levels = new Map([
  ["DEBUG", "debug"],
  ["INFO", "info"],
  ["WARNING", "warn"],
  ["WARN", "warn"],
  ["ERROR", "error"],
]);

const takers: Readonly<Record<string, Take>> = {
  listen_port(out, value, all) {
    const said = all.get("listen_address")?.value;
    const host = typeof said === "string" ? said : "::";
    out.set("time", "listen", `${host.includes(":") ? `[${host}]` : host}:${Number(value)}`);
    out.set("time", "enabled", true);
  },
  listen_address(out, value, all) {
    if (!all.has("listen_port"))
      takers["listen_port"]!(out, 37, new Map([["listen_address", { value, line: 0 }]]));
  },
  stratum(out, value) {
    out.set("ntp", "localStratum", Math.min(15, Math.max(1, Number(value) || 10)));
    out.note("a fixed stratum is what is claimed while no source vouches for the time");
  },
  reference_clock: (out) => out.note("name the clock itself: clock.refclocks"),
  upstream_servers: (out, value) => out.set("clock", "servers", words(value)),
  log_level: (out, value) => out.set("log", "level", levels.get(String(value).toUpperCase()) ?? "info"),
  enable_authentication(out, value) {
    if (isTrue(value)) out.note("name the keys in a file of their own: ntp.keyFile");
  },
  authentication_key: (out) => out.note("put the key into a file of its own: ntp.keyFile"),
  restrict_queries(out, value) {
    if (isTrue(value)) out.note("only ntp.allow's networks may ask");
  },
  allowed_clients: (out, value) => out.set("ntp", "allow", words(value)),
  denied_clients: (out, value) => out.set("ntp", "deny", words(value)),
  worker_threads: (out, value) => out.set("ntp", "threads", Math.min(64, Math.max(1, Number(value) || 1))),
};
