/** The real daemons' settings, through every reading: none of them may be declared in a way that one of the
 *  readings cannot follow. */
import { describe, expect, test } from "bun:test";
import { exampleFile, exampleLanguages } from "../lib/config/example.ts";
import { jsonSchema } from "../lib/config/json-schema.ts";
import { load } from "../lib/config/load.ts";
import { environmentName, flagName } from "../lib/config/section.ts";
import { memorySource } from "../lib/config/source.ts";
import { allSections } from "./all-sections.ts";
import { houseSections } from "./house-sections.ts";
import { bootOptions } from "./boot-options.ts";
import { daemonNames, daemons } from "./daemons.ts";

describe.each(daemonNames.map((daemon) => [daemon] as const))("%s", (daemon) => {
  const sections = allSections(daemon);

  test.each(exampleLanguages)("its example in %s says what the defaults say", async (language) => {
    const files = { [`/e/${daemon}.${language}`]: exampleFile(sections, language) };
    const request = { daemon, sections, foreign: [], flags: [], ports: "privileged" } as const;
    const stated = await load({ ...request, from: { folder: "/e" } }, memorySource(files));
    const silent = await load({ ...request, from: { folder: "/none" } }, memorySource(files));
    expect(stated).toMatchObject({ ok: true });
    if (stated.ok && silent.ok) expect(stated.value.config).toEqual(silent.value.config);
  });

  test("every setting has a sentence, a flag and a variable of its own", () => {
    const settings = sections.flatMap(({ name, fields }) =>
      Object.entries(fields).map(([key, field]) => ({ name, key, field })),
    );
    for (const { name, key, field } of settings) {
      expect([name, key, field.doc]).toEqual([name, key, expect.stringMatching(/^[A-Z].*\.$/s)]);
      expect(key).toMatch(/^[a-z][a-zA-Z0-9]*$/);
    }
    const flags = settings.map(({ name, key }) => flagName(name, key));
    const variables = settings.map(({ name, key }) => environmentName(name, key));
    expect(new Set([...flags, ...bootOptions.map(({ name }) => `--${name}`)]).size).toBe(
      flags.length + bootOptions.length,
    );
    expect(new Set(variables).size).toBe(variables.length);
  });

  test("its schema names every section", () => {
    const { properties } = jsonSchema(daemon, sections);
    expect(Object.keys(properties as object)).toEqual(sections.map(({ name }) => name));
  });

  test("its own sections are those that holdfast.yaml may have for it", () => {
    const own = sections.slice(houseSections(daemon).length).map(({ name }) => name);
    expect(daemons[daemon].sections as readonly string[]).toEqual(expect.arrayContaining(own));
  });
});
