import { daemons, type Daemon, type DaemonFacts } from "./daemons.ts";
import type { CommandLine, Option } from "../lib/config/flags.ts";

/** The flags of every daemon, beside those that its settings give. */
export const bootOptions: readonly Option[] = [
  { name: "config", takes: "PATH", doc: "a configuration folder, or one file to read alone" },
  { name: "data", takes: "DIR", doc: "the data directory" },
  {
    name: "ports",
    takes: "default|privileged|auto",
    doc: "where to listen if nothing is configured: the usual ports, or free ones of this machine alone",
  },
  { name: "check", takes: undefined, doc: "read the configuration, say what is wrong with it, and end" },
  { name: "ready-file", takes: "FILE", doc: "write the addresses in use as JSON once all is ready" },
  { name: "pid-file", takes: "FILE", doc: "write the process id while the daemon runs" },
  { name: "daemon", takes: undefined, doc: "serve in the background, as the verb start does" },
  { name: "manual", takes: undefined, doc: "print the reference of all settings, and end" },
  { name: "schema", takes: undefined, doc: "print the JSON Schema of the configuration, and end" },
  { name: "example", takes: "yaml|json|ini", doc: "print an example configuration, and end" },
  { name: "version", takes: undefined, doc: "print the version, and end" },
  { name: "help", takes: undefined, doc: "print this text, and end" },
  { name: "supervised", takes: undefined, doc: "serve the process at the other end of stdin", hidden: true },
];

/** The verbs of every daemon. */
export const bootVerbs = [
  { name: "run", doc: "serve until SIGTERM (the default)" },
  { name: "check", doc: "the same as --check; so is test" },
  { name: "start", doc: "serve in the background, and come back once it serves" },
  { name: "stop", doc: "end what start began, or the system's service" },
  { name: "restart", doc: "stop and start" },
  { name: "reload", doc: "have it read its configuration again" },
  { name: "status", doc: "say whether it runs" },
  { name: "service install", doc: "keep it running by systemd, launchd or the Windows service manager" },
  { name: "service remove", doc: "undo that; data and configuration stay" },
  { name: "version", doc: "the same as --version" },
] as const;

/** The verbs of one daemon, its own last. */
export const verbsOf = (daemon: Daemon): readonly { readonly name: string; readonly doc: string }[] => [
  ...bootVerbs,
  ...((daemons[daemon] as DaemonFacts).verbs ?? []),
];

/** Verbs about a daemon that is another process. */
const aboutAnother = new Set(["start", "stop", "restart", "reload", "status", "service"]);

/** What Windows's service manager starts. */
export const isServiceRun = ({ words }: CommandLine): boolean =>
  process.platform === "win32" && words[0] === "service" && words[1] === "run";

/** Whether the command line is about a daemon that is another process. */
export const isControl = (line: CommandLine): boolean =>
  !isServiceRun(line) && (line.options.has("daemon") || aboutAnother.has(line.words[0] ?? ""));

export const isCheck = ({ words, options }: CommandLine): boolean =>
  options.has("check") || words[0] === "check" || words[0] === "test";
