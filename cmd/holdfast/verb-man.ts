import { roff } from "../../lib/config/man-page.ts";
import { globalOptions, usageOf } from "./read-words.ts";
import type { Verb, VerbOption } from "./verb.ts";

/** The manual page of the command line, section 1, in man(7) macros. */
export function commandPage(verbs: readonly Verb[], version: string): string {
  return [
    `.TH HOLDFAST 1 "" "Holdfast ${version}"`,
    ".SH NAME",
    roff("holdfast - the operator's command line of one host's files and time"),
    ".SH SYNOPSIS",
    ".B holdfast",
    "\\fIverb\\fR [\\fIarguments\\fR] [\\fIflags\\fR]",
    ".SH DESCRIPTION",
    roff("It talks to the daemons through a door in the data directory that only its owner can open."),
    roff("Where none runs, the verbs that can work on the data directory itself."),
    ".SH VERBS",
    ...verbs.flatMap(verbLines),
    ".SH FLAGS OF EVERY VERB",
    ...globalOptions.flatMap(optionLines),
    ".SH EXIT STATUS",
    roff("0 done, 1 refused, 64 usage, 65 bad data, 69 nothing runs, 75 try again, 77 permission."),
    ".SH SEE ALSO",
    ".BR holdfast\\-s3d (8),",
    ".BR holdfast\\-ftpd (8),",
    ".BR holdfast\\-smbd (8),",
    ".BR holdfast\\-utcd (8)",
    "",
  ].join("\n");
}

function verbLines(verb: Verb): string[] {
  const examples = verb.examples.flatMap((line) => [".br", roff(`holdfast ${line}`)]);
  return [
    `.SS ${roff(verb.name)}`,
    roff(`${verb.does[0]!.toUpperCase()}${verb.does.slice(1)}.`),
    ".PP",
    roff(usageOf(verb)),
    ...verb.options.flatMap(optionLines),
    ...(examples.length > 0 ? [".PP", "Examples:", ...examples] : []),
  ];
}

const optionLines = ({ name, takes, doc }: VerbOption): string[] => [
  ".TP",
  `\\fB${roff(`--${name}`)}\\fR${takes === undefined ? "" : ` \\fI${roff(takes)}\\fR`}`,
  roff(`${doc[0]!.toUpperCase()}${doc.slice(1)}.`),
];
