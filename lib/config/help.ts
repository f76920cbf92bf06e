import type { Field } from "./field.ts";
import type { Option } from "./flags.ts";
import { flagName, type Section } from "./section.ts";
import { writtenText } from "./written-text.ts";

/** What a generated text says of the program itself. */
export interface About {
  /** "s3d" */
  readonly daemon: string;
  /** "holdfast-s3d" */
  readonly program: string;
  /** What it does, as a phrase. */
  readonly does: string;
  readonly verbs: readonly { readonly name: string; readonly doc: string }[];
}

/** The text of `--help`, at most 100 columns. */
export function helpText(about: About, options: readonly Option[], sections: readonly Section[]): string {
  const { program, verbs } = about;
  const verbLines = verbs.map(({ name, doc }) => row(name, doc, width));
  const groups = sections.map((section) => {
    const rows = Object.entries(section.fields).map(([key, field]) =>
      row(flagWithValue(section.name, key, field), `${field.doc}${defaultNote(field)}`, width),
    );
    return [`\n${section.name}: ${section.doc}`, ...rows].join("\n");
  });
  return [
    `${program}: ${about.does}`,
    `\nusage: ${program} [${verbs.map(({ name }) => name).join("|")}] [flags]\n`,
    ...verbLines,
    "\nflags",
    ...optionLines(options),
    "\nEvery setting is also a flag, an environment variable, and a line of the configuration.",
    ...groups,
    `\n${program} --manual tells it all, with limits and what a reload takes over.`,
  ].join("\n");
}

/** A row for each flag that is told. */
export function optionLines(options: readonly Option[]): string[] {
  return options
    .filter((option) => !option.hidden)
    .map(({ name, takes, doc }) => row(`--${name}${takes ? ` ${takes}` : ""}`, doc, width));
}

const width = 30;

function flagWithValue(section: string, key: string, field: Field<unknown>): string {
  const name = flagName(section, key);
  return field.kind === "boolean" ? name : `${name} ${field.kind.toUpperCase()}`;
}

const defaultNote = (field: Field<unknown>): string =>
  field.initial === undefined ? "" : ` [${writtenText(field.initial)}]`;

const columns = 100;

/** A name, and its sentence wrapped beside it. */
function row(name: string, doc: string, width: number): string {
  const indent = " ".repeat(width + 4);
  const lines = wrap(doc, columns - indent.length);
  const first =
    name.length <= width ? `  ${name.padEnd(width)}  ${lines[0]}` : `  ${name}\n${indent}${lines[0]}`;
  return [first, ...lines.slice(1).map((line) => indent + line)].join("\n");
}

function wrap(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
