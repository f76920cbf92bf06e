import type { Layer, Statement } from "./layer.ts";
import type { Problem } from "./problem.ts";
import { environmentName, type Section } from "./section.ts";
import { nearest } from "./suggest.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's own environment: the one place where it is read. */
export const processEnvironment = (): Environment => process.env;

/** What HOLDFAST_<SECTION>_<KEY> state. A name that begins like one of our sections and is no key is a
 *  problem; others belong to other daemons. */
export function environmentLayer(environment: Environment, sections: readonly Section[]): Layer {
  const known = new Map(
    sections.flatMap((section) =>
      Object.keys(section.fields).map((key) => [
        environmentName(section.name, key),
        { section: section.name, key },
      ]),
    ),
  );
  const prefixes = sections.map((section) => environmentName(section.name, ""));
  const statements: Statement[] = [];
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith("HOLDFAST_")) continue;
    const at = { source: name };
    const setting = known.get(name);
    if (setting) {
      const value = { at, scalar: text };
      statements.push({ ...setting, keyAt: at, value, textual: true, folder: undefined });
    } else if (prefixes.some((prefix) => name.startsWith(prefix))) {
      const meant = nearest(name, [...known.keys()]);
      const mend = meant ? `did you mean ${meant}?` : "unset it";
      problems.push({ what: `the environment variable ${name} names no setting`, at, mend });
    }
  }
  return { statements, problems };
}
