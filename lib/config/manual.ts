import type { Field } from "./field.ts";
import type { About } from "./help.ts";
import { writtenDefault } from "./resolve.ts";
import { environmentName, flagName, type Section } from "./section.ts";
import { writtenText } from "./written-text.ts";

/** The reference of all settings of one daemon, in Markdown. */
export function manual(about: About, sections: readonly Section[]): string {
  const { daemon, program } = about;
  return [
    `# ${program}: settings`,
    "",
    `${program} is the house's ${about.does}. It starts without any configuration; what is set is read in`,
    "this order, the last one winning:",
    "",
    "1. the defaults below",
    "2. `holdfast.yaml`, read by every daemon of the house",
    "3. `conf.d/*.yaml`, in the order of their names",
    `4. \`${daemon}.yaml\``,
    "5. the environment: `HOLDFAST_<SECTION>_<KEY>`",
    "6. flags",
    "",
    "The files are in `/etc/holdfast`, in `~/.config/holdfast`, or where `--config` says; `.json` and",
    "`.ini` do as well. An unknown key is an error. Any text may be `${file:PATH}`, `${env:NAME}` or",
    "`${credential:NAME}`.",
    "A *live* setting is taken over by a reload (SIGHUP), the others hold from the next start.",
    ...sections.flatMap(sectionLines),
    "",
  ].join("\n");
}

function sectionLines(section: Section): string[] {
  const fields = Object.entries(section.fields);
  return [
    "",
    `## ${section.name}`,
    "",
    section.doc,
    ...fields.flatMap(([key, f]) => fieldLines(section, key, f)),
  ];
}

function fieldLines(section: Section, key: string, field: Field<unknown>): string[] {
  const flag = flagName(section.name, key);
  const variable = environmentName(section.name, key);
  return [
    "",
    `### ${section.name}.${key}`,
    "",
    field.doc,
    "",
    `- kind: ${[field.kind, field.bounds].filter(Boolean).join(", ")}`,
    `- default: ${defaultText(field)}`,
    `- change: ${field.reload === "live" ? "live" : "at the next start"}`,
    `- flag \`${flag}\`, environment \`${variable}\``,
  ];
}

function defaultText(field: Field<unknown>): string {
  if (field.initial === undefined) return "none";
  const service = codeText(field.initial);
  const trial = codeText(writtenDefault(field, "unprivileged"));
  return service === trial ? service : `${service} as a service, ${trial} under \`holdfast up\``;
}

const codeText = (written: unknown): string => {
  const text = writtenText(written);
  return text === "" ? "empty" : `\`${text}\``;
};
