import type { Field } from "./field.ts";
import type { Section } from "./section.ts";
import { writtenText } from "./written-text.ts";

export const exampleLanguages = ["yaml", "json", "ini"] as const;
export type ExampleLanguage = (typeof exampleLanguages)[number];

/** A file that states every default: a daemon started on it is one started without. What has no default
 *  stands there as a comment (JSON has none, and leaves it out). */
export function exampleFile(sections: readonly Section[], language: ExampleLanguage): string {
  if (language === "json") return `${JSON.stringify(jsonValues(sections), undefined, 2)}\n`;
  const mark = language === "yaml" ? "#" : ";";
  const blocks = sections.map((section) => {
    const head = language === "yaml" ? `${section.name}:` : `[${section.name}]`;
    const stated = Object.values(section.fields).some((field) => field.initial !== undefined);
    const lines = Object.entries(section.fields).flatMap(([key, field]) => entry(key, field, language));
    const heading = stated || language === "ini" ? head : `${mark} ${head}`;
    return [`${mark} ${section.doc}`, heading, ...lines].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

function jsonValues(sections: readonly Section[]): Record<string, Record<string, unknown>> {
  const stated = (fields: Section["fields"]) =>
    Object.entries(fields)
      .filter(([, field]) => field.initial !== undefined)
      .map(([key, field]) => [key, field.initial] as const);
  return Object.fromEntries(sections.map(({ name, fields }) => [name, Object.fromEntries(stated(fields))]));
}

function entry(key: string, field: Field<unknown>, language: "yaml" | "ini"): string[] {
  const mark = language === "yaml" ? "#" : ";";
  const indent = language === "yaml" ? "  " : "";
  const { initial } = field;
  const value = initial === undefined ? "" : language === "yaml" ? yamlValue(initial) : writtenText(initial);
  const separator = language === "yaml" ? ": " : " = ";
  const line = `${key}${separator}${value}`.trimEnd();
  const bounds = field.bounds === "" ? "" : ` (${field.bounds})`;
  const comment = `${indent}${mark} ${field.doc}${bounds}`;
  return [comment, `${indent}${initial === undefined ? `${mark} ` : ""}${line}`];
}

/** YAML flow style: JSON is YAML, and words that need no quotes go without. */
function yamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlValue).join(", ")}]`;
  const plainWord = typeof value === "string" && /^[A-Za-z][\w./-]*$/.test(value) && !reserved.test(value);
  return plainWord ? value : JSON.stringify(value);
}

const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
