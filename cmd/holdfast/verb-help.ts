import { globalOptions, usageOf } from "./read-words.ts";
import type { Verb, VerbOption } from "./verb.ts";

/** The list of verbs, in the order of the table, a group a paragraph. */
export function helpText(verbs: readonly Verb[], version: string): string {
  const groups = new Map<string, string[]>();
  for (const verb of verbs) {
    const first = verb.name.split(" ")[0]!;
    const group = verbs.some(({ name }) => name.startsWith(`${first} `)) ? first : "";
    const args = verb.args.map(({ name, optional }) => (optional ? ` [${name}]` : ` ${name}`)).join("");
    const row = `  ${`${verb.name}${args}`.padEnd(30)} ${verb.does}`;
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return [
    `holdfast ${version}: one host's files and time, each service one executable, all of them one house`,
    "",
    "usage: holdfast VERB [ARGUMENTS] [flags]",
    ...[...groups.values()].flatMap((rows) => ["", ...rows]),
    "",
    "flags of every verb",
    ...optionRows(globalOptions),
    "",
    "holdfast VERB --help tells what a verb takes, with examples.",
    "Exit codes: 0 done, 1 refused, 64 usage, 65 bad data, 69 nothing runs, 75 try again, 77 permission.",
  ].join("\n");
}

export function verbHelp(verb: Verb): string {
  const examples = verb.examples.map((line) => `  holdfast ${line}`);
  return [
    `holdfast ${verb.name}: ${verb.does}`,
    "",
    `usage: ${usageOf(verb)}`,
    ...(verb.options.length > 0 ? ["", ...optionRows(verb.options)] : []),
    "",
    "flags of every verb",
    ...optionRows(globalOptions),
    ...(examples.length > 0 ? ["", "examples", ...examples] : []),
  ].join("\n");
}

const optionRows = (options: readonly VerbOption[]): string[] =>
  options.map(({ name, takes, doc }) => `  ${`--${name}${takes ? ` ${takes}` : ""}`.padEnd(30)} ${doc}`);
