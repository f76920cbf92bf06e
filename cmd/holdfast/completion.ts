import { fault } from "../../lib/base/fault.ts";
import { exitCode } from "../exit-codes.ts";
import { globalOptions } from "./read-words.ts";
import type { Call, Verb } from "./verb.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** The verb that prints what a shell needs to complete the others. */
export const completion = (verbs: () => readonly Verb[]): Verb => ({
  name: "completion",
  does: "what your shell needs to complete these verbs: bash, zsh or fish",
  args: [{ name: "SHELL" }],
  options: [],
  examples: ["completion bash > /etc/bash_completion.d/holdfast", "completion fish | source"],
  async run(call: Call) {
    const shell = shells.find((one) => one === call.arg("SHELL"));
    if (!shell)
      return call.refuse(
        fault("invalid", "there is no completion for that shell", { mend: `one of ${shells.join(", ")}` }),
      );
    call.print.line(completionScript(shell, verbs()));
    return exitCode.ok;
  },
});

export function completionScript(shell: (typeof shells)[number], verbs: readonly Verb[]): string {
  if (shell === "fish") return fishScript(verbs);
  const bash = bashScript(verbs);
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

const flagsOf = ({ options }: Verb): string =>
  [...options, ...globalOptions].map(({ name }) => `--${name}`).join(" ");

function bashScript(verbs: readonly Verb[]): string {
  const firsts = [...new Set(verbs.map(({ name }) => name.split(" ")[0]!))];
  const seconds = firsts.flatMap((first) => {
    const words = verbs
      .filter(({ name }) => name.startsWith(`${first} `))
      .map(({ name }) => name.split(" ")[1]);
    return words.length > 0 ? [`    ${first}) words="${words.join(" ")}" ;;`] : [];
  });
  const flags = verbs.map((verb) => `    "${verb.name}") flags="${flagsOf(verb)}" ;;`);
  return `_holdfast() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words="" flags=""
  local first="\${COMP_WORDS[1]}" second="\${COMP_WORDS[2]}"
  case "$first" in
${seconds.join("\n")}
  esac
  case "$first\${words:+ $second}" in
${flags.join("\n")}
    *) flags="${globalOptions.map(({ name }) => `--${name}`).join(" ")}" ;;
  esac
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W "${firsts.join(" ")}" -- "$word"))
  elif [[ $COMP_CWORD -eq 2 && -n "$words" ]]; then COMPREPLY=($(compgen -W "$words" -- "$word"))
  else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _holdfast holdfast`;
}

function fishScript(verbs: readonly Verb[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  const lines = verbs.flatMap((verb) => {
    const [first = "", second] = verb.name.split(" ");
    const when = second ? `__fish_seen_subcommand_from ${first}` : "__fish_use_subcommand";
    const seen = second
      ? `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`
      : `__fish_seen_subcommand_from ${first}`;
    return [
      `complete -c holdfast -n ${quoted(when)} -a ${second ?? first} -d ${quoted(verb.does)}`,
      ...verb.options.map(
        ({ name, takes, doc }) =>
          `complete -c holdfast -n ${quoted(seen)} -l ${name}${takes ? " -r" : ""} -d ${quoted(doc)}`,
      ),
    ];
  });
  const groups = [
    ...new Set(verbs.filter(({ name }) => name.includes(" ")).map(({ name }) => name.split(" ")[0]!)),
  ];
  const heads = groups.map((group) => `complete -c holdfast -n __fish_use_subcommand -a ${group}`);
  const globals = globalOptions.map(
    ({ name, takes, doc }) => `complete -c holdfast -l ${name}${takes ? " -r" : ""} -d ${quoted(doc)}`,
  );
  return ["complete -c holdfast -f", ...heads, ...lines, ...globals].join("\n");
}
