import type { Statement } from "./layer.ts";
import type { Problem } from "./problem.ts";
import { flagName, type Section } from "./section.ts";
import { nearest } from "./suggest.ts";

/** A flag of the program itself, beside those that the settings give. */
export interface Option {
  /** "config" for --config. */
  readonly name: string;
  /** What it takes, for the help text: "FILE"; undefined: nothing. */
  readonly takes: string | undefined;
  readonly doc: string;
  /** Not told in the help text: for our own processes among themselves. */
  readonly hidden?: boolean;
}

export interface CommandLine {
  /** Words that are no flags: verbs. */
  readonly words: readonly string[];
  /** The arguments that are flags and their values, as they were given. */
  readonly flags: readonly string[];
  /** The program's own flags: the value, or "" for those that take none. */
  readonly options: ReadonlyMap<string, string>;
  readonly statements: readonly Statement[];
  readonly problems: readonly Problem[];
}

/** Reads a command line: `--x value`, `--x=value`, `--x` and `--no-x` for booleans; `--` ends the flags. */
export function readCommandLine(
  argv: readonly string[],
  options: readonly Option[],
  sections: readonly Section[],
): CommandLine {
  const reader = new FlagReader(options, sections);
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument === "--") {
      reader.words.push(...argv.slice(i + 1));
      break;
    }
    if (!argument.startsWith("--") || argument.length === 2) reader.words.push(argument);
    else {
      const took = reader.take(argument, argv[i + 1]);
      reader.flags.push(...argv.slice(i, took ? i + 2 : i + 1));
      if (took) i++;
    }
  }
  return reader;
}

class FlagReader implements CommandLine {
  readonly words: string[] = [];
  readonly flags: string[] = [];
  readonly options = new Map<string, string>();
  readonly statements: Statement[] = [];
  readonly problems: Problem[] = [];
  readonly #own: ReadonlyMap<string, Option>;
  readonly #settings: ReadonlyMap<string, { section: string; key: string; boolean: boolean }>;

  constructor(options: readonly Option[], sections: readonly Section[]) {
    this.#own = new Map(options.map((option) => [`--${option.name}`, option]));
    this.#settings = new Map(
      sections.flatMap((section) =>
        Object.entries(section.fields).map(([key, field]) => [
          flagName(section.name, key),
          { section: section.name, key, boolean: field.kind === "boolean" },
        ]),
      ),
    );
  }

  /** Reads one flag; true where it used the next argument as its value. */
  take(argument: string, next: string | undefined): boolean {
    const equals = argument.indexOf("=");
    const name = equals < 0 ? argument : argument.slice(0, equals);
    const inline = equals < 0 ? undefined : argument.slice(equals + 1);
    const option = this.#own.get(name);
    if (option && option.takes === undefined) {
      if (inline !== undefined) this.#say(`${name} takes no value`, name);
      this.options.set(option.name, "");
      return false;
    }
    const setting = this.#settings.get(name);
    if (setting?.boolean) return this.#state(name, setting, inline ?? "true", false);
    const negated = this.#settings.get(name.replace(/^--no-/, "--"));
    if (negated?.boolean && inline === undefined) return this.#state(name, negated, "false", false);
    if (!option && !setting) {
      const known = [...this.#own.keys(), ...this.#settings.keys()];
      const meant = nearest(name, known);
      this.#say(`unknown flag ${name}`, name, meant ? `did you mean ${meant}?` : "--help lists them all");
      return false;
    }
    const value = inline ?? next;
    if (value === undefined) {
      this.#say(`${name} wants a value`, name);
      return false;
    }
    if (option) this.options.set(option.name, value);
    else if (setting) this.#state(name, setting, value, false);
    return inline === undefined;
  }

  #state(name: string, to: { section: string; key: string }, text: string, took: boolean): boolean {
    const at = { source: name };
    const value = { at, scalar: text };
    this.statements.push({ ...to, keyAt: at, value, textual: true, folder: undefined });
    return took;
  }

  #say(what: string, source: string, mend?: string): void {
    this.problems.push({ what, at: { source }, mend });
  }
}
