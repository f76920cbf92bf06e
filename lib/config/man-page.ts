import type { Field } from "./field.ts";
import type { Option } from "./flags.ts";
import type { About } from "./help.ts";
import { flagName, type Section } from "./section.ts";
import { writtenText } from "./written-text.ts";

/** The manual page of a daemon, section 8, in man(7) macros. `date` is ISO 8601. */
export function manPage(
  about: About,
  options: readonly Option[],
  sections: readonly Section[],
  build: { readonly version: string; readonly date: string },
): string {
  const { program, daemon, does, verbs } = about;
  return [
    `.TH ${program.toUpperCase()} 8 "${build.date.slice(0, 10)}" "Holdfast ${build.version}"`,
    ".SH NAME",
    `${roff(program)} \\- ${roff(does)}`,
    ".SH SYNOPSIS",
    `.B ${roff(program)}`,
    `[${verbs.map(({ name }) => `\\fB${roff(name)}\\fR`).join(" | ")}]`,
    "[\\fIflags\\fR]",
    ".SH DESCRIPTION",
    roff(`${program} is one of the daemons of Holdfast, which keep one host's files and time as one house.`),
    roff("It starts without any configuration, and says what it chose."),
    ".SH VERBS",
    ...verbs.flatMap(({ name, doc }) => tagged(`\\fB${roff(name)}\\fR`, doc)),
    ".SH FLAGS",
    ...options.filter((option) => !option.hidden).flatMap(optionLines),
    ".SH SETTINGS",
    roff(
      "Every setting is a line of the configuration, an environment variable HOLDFAST_<SECTION>_<KEY>, and",
    ),
    roff("a flag. Live settings are taken over at SIGHUP, the others at the next start."),
    ...sections.flatMap(settingLines),
    ".SH SIGNALS",
    ...tagged("SIGTERM, SIGINT", "Finish what is under way, and end; a second one ends at once."),
    ...tagged("SIGHUP", "Read the configuration again, and open the log file again."),
    ".SH EXIT STATUS",
    ...exits.flatMap(([code, doc]) => tagged(String(code), doc)),
    ".SH FILES",
    ...tagged(`/etc/holdfast/${daemon}.yaml`, "This daemon's configuration."),
    ...tagged("/etc/holdfast/holdfast.yaml, /etc/holdfast/conf.d/*.yaml", "What all daemons read before it."),
    ...tagged("/var/lib/holdfast", "The data directory of a service."),
    ".SH SEE ALSO",
    ".BR holdfast (1)",
    "",
  ].join("\n");
}

const exits: readonly (readonly [number, string])[] = [
  [0, "It was told to end, and did."],
  [64, "A flag was wrong."],
  [69, "An address is in use."],
  [70, "A bug."],
  [73, "The data directory cannot be made."],
  [77, "The system refuses something to this user."],
  [78, "The configuration is wrong; starting again will not mend it."],
];

/** Text as roff shows it: no line begins a request, and nothing is an escape. */
export const roff = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&")
    .replace(/[^\p{ASCII}]/gu, (char) => {
      return `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
    });

const tagged = (tag: string, doc: string): string[] => [
  ".TP",
  tag.startsWith("\\") ? tag : roff(tag),
  roff(doc),
];

function optionLines({ name, takes, doc }: Option): string[] {
  const value = takes === undefined ? "" : ` \\fI${roff(takes)}\\fR`;
  return tagged(`\\fB${roff(`--${name}`)}\\fR${value}`, `${doc[0]!.toUpperCase()}${doc.slice(1)}.`);
}

function settingLines(section: Section): string[] {
  const fields = Object.entries(section.fields);
  return [
    `.SS ${roff(section.name)}`,
    roff(section.doc),
    ...fields.flatMap(([key, field]) => {
      const flag = roff(flagName(section.name, key));
      return tagged(`\\fB${flag}\\fR \\fI${roff(field.kind)}\\fR`, `${field.doc} ${factsOf(field)}`);
    }),
  ];
}

function factsOf(field: Field<unknown>): string {
  const facts = [
    field.bounds,
    field.initial === undefined ? "no default" : `default ${writtenText(field.initial) || "empty"}`,
    field.reload === "live" ? "live" : "",
  ];
  return `(${facts.filter(Boolean).join("; ")})`;
}
