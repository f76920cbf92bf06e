import type { Option } from "../../lib/config/flags.ts";
import { optionLines } from "../../lib/config/help.ts";

export const upOptions: readonly Option[] = [
  { name: "data", takes: "DIR", doc: "the data directory of all daemons" },
  {
    name: "ports",
    takes: "default|privileged|auto",
    doc: "where to listen if nothing is configured: high ports of this machine alone, a service's, free ones",
  },
  { name: "ready-file", takes: "FILE", doc: "write addresses and credentials as JSON once all is ready" },
  { name: "config", takes: "PATH", doc: "a configuration folder, or one file to read alone" },
  { name: "quiet", takes: undefined, doc: "no welcome" },
  { name: "help", takes: undefined, doc: "print this text, and end" },
];

export const upHelp = [
  "holdfast up: all daemons of this host on one data directory, until Ctrl-C or SIGTERM",
  "",
  "usage: holdfast up [flags]",
  "",
  ...optionLines(upOptions),
  "",
  "It starts the daemons that exist beside it, starts one that dies again, and shows their logs.",
  "On the first start it makes an administrator, a key pair and the bucket home.",
  "Nothing listens beyond this machine unless the configuration, or --ports privileged, says so.",
].join("\n");
