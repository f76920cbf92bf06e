import { fail, ok, type Result } from "../../lib/base/result.ts";
import { nearest } from "../../lib/config/suggest.ts";
import type { Verb, VerbOption } from "./verb.ts";

export const globalOptions: readonly VerbOption[] = [
  { name: "data", takes: "DIR", doc: "the house's data directory" },
  { name: "json", doc: "answers and errors as JSON" },
  { name: "quiet", doc: "nothing but what was asked for" },
  { name: "no-color", doc: "no colours; NO_COLOR says the same" },
  { name: "help", doc: "what this verb takes, and end" },
];

/** A command line, read. */
export interface Words {
  readonly verb: Verb | undefined;
  readonly args: ReadonlyMap<string, string>;
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** The verb that the words begin with: the longest name that fits. */
export function verbOf(verbs: readonly Verb[], words: readonly string[]): Verb | undefined {
  const fitting = verbs.filter(({ name }) => name.split(" ").every((word, at) => words[at] === word));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0];
}

/** Reads options wherever they stand, the verb, and its arguments. Faults: invalid, told with what was
 *  probably meant. */
export function readWords(verbs: readonly Verb[], argv: readonly string[]): Result<Words> {
  const bare = argv.filter((word) => !word.startsWith("-"));
  const known = verbOf(verbs, bare) ?? verbOf(verbs, wordsWithoutValues(argv));
  const options = [...globalOptions, ...(known?.options ?? [])];
  const split = splitWords(argv, options, known);
  if (!split.ok) return split;
  const { words, values } = split.value;
  const verb = verbOf(verbs, words);
  if (!verb) {
    if (words.length === 0) return ok({ verb, args: new Map(), options: values });
    return unknownVerb(verbs, words);
  }
  if (values.has("help")) return ok({ verb, args: new Map(), options: values });
  const args = argsOf(verb, words.slice(verb.name.split(" ").length));
  return args.ok ? ok({ verb, args: args.value, options: values }) : args;
}

/** Words before which no option takes a value: "holdfast --data DIR user add". */
function wordsWithoutValues(argv: readonly string[]): string[] {
  const taking = new Set(globalOptions.filter(({ takes }) => takes).map(({ name }) => `--${name}`));
  return argv.filter((word, at) => !word.startsWith("-") && !taking.has(argv[at - 1] ?? ""));
}

function splitWords(
  argv: readonly string[],
  options: readonly VerbOption[],
  verb: Verb | undefined,
): Result<{ words: string[]; values: Map<string, string[]> }> {
  const words: string[] = [];
  const values = new Map<string, string[]>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === "--") {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    const [, name = "", inline] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    const option = options.find((one) => one.name === (name === "h" ? "help" : name));
    if (!option) return unknownOption(word, options, verb);
    if (!option.takes && inline !== undefined) return fail("invalid", `--${name} takes no value`);
    const value = option.takes ? (inline ?? argv[++at]) : "";
    if (value === undefined)
      return fail("invalid", `--${name} needs a value`, { mend: `--${name} ${option.takes}` });
    const before = values.get(option.name) ?? [];
    if (before.length > 0 && option.takes && !option.many) return fail("invalid", `--${name} is said twice`);
    values.set(option.name, [...before, value]);
  }
  return ok({ words, values });
}

function argsOf(verb: Verb, given: readonly string[]): Result<Map<string, string>> {
  const usage = { where: `holdfast ${verb.name}`, mend: usageOf(verb) };
  const missing = verb.args.find((argument, at) => !argument.optional && given[at] === undefined);
  if (missing) return fail("invalid", `${missing.name} is missing`, usage);
  const stray = given[verb.args.length];
  if (stray !== undefined) return fail("invalid", `"${stray}" is one word too many`, usage);
  return ok(new Map(verb.args.map(({ name }, at) => [name, given[at] ?? ""])));
}

/** "holdfast user add NAME [flags]" */
export function usageOf(verb: Verb): string {
  const args = verb.args.map(({ name, optional }) => (optional ? ` [${name}]` : ` ${name}`)).join("");
  return `holdfast ${verb.name}${args}${verb.options.length > 0 ? " [flags]" : ""}`;
}

function unknownVerb(verbs: readonly Verb[], words: readonly string[]): Result<never> {
  const said = words.slice(0, 2).join(" ");
  const group = verbs.filter(({ name }) => name.startsWith(`${words[0]} `)).map(({ name }) => name);
  const names = verbs.map(({ name }) => name);
  const meant = nearest(said, group.length > 0 ? group : names) ?? nearest(words[0]!, names);
  const all = group.length > 0 ? `it can: ${group.join(", ")}` : "holdfast --help lists what there is";
  return fail("invalid", `there is no verb "${group.length > 0 ? said : words[0]}"`, {
    mend: meant ? `did you mean: holdfast ${meant}` : all,
  });
}

function unknownOption(word: string, options: readonly VerbOption[], verb: Verb | undefined): Result<never> {
  const name = word.replace(/^--?/, "").replace(/=.*$/s, "");
  const meant = nearest(
    name,
    options.map((one) => one.name),
  );
  const help = `holdfast ${verb ? `${verb.name} ` : ""}--help`;
  return fail("invalid", `unknown flag --${name}`, {
    mend: meant ? `did you mean --${meant}?` : `${help} lists them`,
  });
}
