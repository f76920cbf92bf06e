import { globalOptions, usageOf } from "./read-words.ts";
import type { Verb, VerbOption } from "./verb.ts";

/** The reference of the command line, in Markdown. */
export function commandReference(verbs: readonly Verb[]): string {
  return [
    "# holdfast: the command line",
    "",
    "It talks to the daemons over a socket in the data directory that only its owner can open; where none",
    "runs, the verbs that can work on the data directory itself. `--json` gives every answer as JSON.",
    ...verbs.flatMap(verbLines),
    "",
    "## Flags of every verb",
    "",
    ...globalOptions.map(optionLine),
    "",
    "## Exit codes",
    "",
    "0 done, 1 refused, 64 usage, 65 bad data, 69 nothing runs, 75 try again, 77 permission.",
    "",
  ].join("\n");
}

function verbLines(verb: Verb): string[] {
  const examples = verb.examples.map((line) => `holdfast ${line}`);
  return [
    "",
    `## ${verb.name}`,
    "",
    `${verb.does[0]!.toUpperCase()}${verb.does.slice(1)}.`,
    "",
    `    ${usageOf(verb)}`,
    ...(verb.options.length > 0 ? ["", ...verb.options.map(optionLine)] : []),
    ...(examples.length > 0 ? ["", "```sh", ...examples, "```"] : []),
  ];
}

const optionLine = ({ name, takes, doc }: VerbOption): string =>
  `- \`--${name}${takes === undefined ? "" : ` ${takes}`}\`: ${doc}`;
