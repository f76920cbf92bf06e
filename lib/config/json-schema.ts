import { z } from "zod";
import type { Field } from "./field.ts";
import type { Section } from "./section.ts";

/** JSON Schema (2020-12) of one daemon's file, for editors. */
export function jsonSchema(daemon: string, sections: readonly Section[]): Record<string, unknown> {
  const properties = Object.fromEntries(sections.map((section) => [section.name, sectionSchema(section)]));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `${daemon} configuration`,
    type: "object",
    additionalProperties: false,
    properties,
  };
}

function sectionSchema(section: Section): Record<string, unknown> {
  const fields = Object.entries(section.fields).map(([key, field]) => [key, fieldSchema(field)]);
  const properties = Object.fromEntries(fields) as Record<string, unknown>;
  return { description: section.doc, type: "object", additionalProperties: false, properties };
}

function fieldSchema(field: Field<unknown>): Record<string, unknown> {
  const { $schema: _, ...shape } = z.toJSONSchema(field.schema, { io: "input", unrepresentable: "any" });
  const note = field.reload === "live" ? "" : " Changes hold from the next start.";
  return {
    ...shape,
    description: `${field.doc}${note}`,
    ...(field.initial === undefined ? {} : { default: field.initial }),
    ...(field.kind === "secret" ? { writeOnly: true } : {}),
  };
}
