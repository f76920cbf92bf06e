import type { Option } from "../lib/config/flags.ts";

/** The flags of every daemon, beside those that its settings give. */
export const bootOptions: readonly Option[] = [
  { name: "config", takes: "PATH", doc: "a configuration folder, or one file to read alone" },
  { name: "data", takes: "DIR", doc: "the data directory" },
  {
    name: "ports",
    takes: "default|auto",
    doc: "where to listen if nothing is configured: the usual ports, or free ones of this machine alone",
  },
  { name: "check", takes: undefined, doc: "read the configuration, say what is wrong with it, and end" },
  { name: "ready-file", takes: "FILE", doc: "write the addresses in use as JSON once all is ready" },
  { name: "pid-file", takes: "FILE", doc: "write the process id while the daemon runs" },
  { name: "manual", takes: undefined, doc: "print the reference of all settings, and end" },
  { name: "schema", takes: undefined, doc: "print the JSON Schema of the configuration, and end" },
  { name: "example", takes: "yaml|json|ini", doc: "print an example configuration, and end" },
  { name: "version", takes: undefined, doc: "print the version, and end" },
  { name: "help", takes: undefined, doc: "print this text, and end" },
  { name: "supervised", takes: undefined, doc: "serve the process at the other end of stdin", hidden: true },
];
