import { placeWithin, plain, type Written } from "./document.ts";
import type { Field } from "./field.ts";
import type { Statement } from "./layer.ts";
import type { Problem } from "./problem.ts";
import type { Section } from "./section.ts";
import type { ConfigSource } from "./source.ts";
import { nearest } from "./suggest.ts";
import { writtenText } from "./written-text.ts";

/** Which column of the ports' table the defaults come from; auto asks the system for free ones. Only a
 *  service (privileged) listens on every address unasked: what a user tries is for this machine alone. */
export type Ports = "privileged" | "unprivileged" | "auto";

/** Values of all settings, and where each comes from ("default" where nobody states it). */
export interface Resolved {
  readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By "ftp.listen". */
  readonly origins: ReadonlyMap<string, string>;
}

/** Puts statements over defaults, the last one winning, and reads every value with its field. Statements that
 *  are overridden are read too: a wrong line is told even where another one wins. */
export async function resolve(
  sections: readonly Section[],
  statements: readonly Statement[],
  ports: Ports,
  source: ConfigSource,
  problems: Problem[],
): Promise<Resolved> {
  const values: Record<string, Record<string, unknown>> = {};
  const origins = new Map<string, string>();
  for (const section of sections) {
    const group: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(section.fields)) {
      group[key] = defaultOf(field, ports);
      origins.set(`${section.name}.${key}`, "default");
    }
    values[section.name] = group;
  }
  for (const statement of statements) {
    const section = sections.find((one) => one.name === statement.section);
    if (!section) continue;
    const { key } = statement;
    const field = Object.hasOwn(section.fields, key) ? section.fields[key] : undefined;
    if (!field) problems.push(unknownKey(statement, section));
    else {
      const read = await readValue(field, statement, source, problems);
      if (read) values[section.name]![key] = read.value ?? defaultOf(field, ports);
      if (read) origins.set(`${section.name}.${key}`, statement.keyAt.source);
    }
  }
  return { values, origins };
}

/** The default as a value. A default that does not fit its own field is a bug, told by the field's own
 *  words. */
export function defaultOf(field: Field<unknown>, ports: Ports): unknown {
  const written = writtenDefault(field, ports);
  return written === undefined ? undefined : field.schema.parse(written);
}

/** The default as one would write it, for the given column of ports. */
export function writtenDefault(field: Field<unknown>, ports: Ports): unknown {
  const { initial, unprivileged, kind } = field;
  if (ports === "privileged") return initial;
  const written = unprivileged ?? initial;
  if (kind === "port") return ports === "auto" && written !== undefined ? 0 : written;
  if (kind !== "endpoint" || typeof written !== "string") return written;
  const local = written.replace(/^\[::\]/, "127.0.0.1");
  return ports === "auto" ? local.replace(/:\d+$/, ":0") : local;
}

function unknownKey(statement: Statement, section: Section): Problem {
  const meant = nearest(statement.key, Object.keys(section.fields));
  const known = Object.keys(section.fields).join(", ");
  const mend = meant ? `did you mean ${meant}?` : `the settings of ${section.name} are ${known}`;
  const what = `unknown setting ${JSON.stringify(statement.key.slice(0, 64))} in ${section.name}`;
  return { what, at: statement.keyAt, mend };
}

async function readValue(
  field: Field<unknown>,
  statement: Statement,
  source: ConfigSource,
  problems: Problem[],
): Promise<{ value: unknown } | undefined> {
  const { value: written, folder } = statement;
  const hide = field.kind === "secret";
  const name = `${statement.section}.${statement.key}`;
  const say = (what: string, at: Problem["at"], mend?: string): undefined => {
    const shown = hide ? { ...at, text: undefined } : at;
    problems.push({ what: `${name}: ${what}`, at: shown, mend });
  };
  const replaced = await substitute(written, folder, source);
  if ("what" in replaced) return say(replaced.what, written.at, replaced.mend);
  let value = plain(replaced);
  if (value === null) return { value: undefined };
  if (statement.textual && typeof value === "string") value = field.fromText(value);
  if (field.kind === "path" && typeof value === "string" && folder) value = under(folder, value);
  const read = field.schema.safeParse(value);
  if (read.success) return { value: read.data };
  const mend =
    field.initial === undefined ? undefined : `the default is ${writtenText(field.initial) || "empty"}`;
  for (const issue of read.error.issues) say(issue.message, placeWithin(written, issue.path), mend);
  return undefined;
}

const under = (folder: string, path: string): string =>
  /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path) ? path : `${folder}/${path}`;

const secretBytes = 64 * 1024;

/** ${file:PATH}, ${env:NAME} and ${credential:NAME} (systemd's LoadCredential) stand for a whole text. */
async function substitute(
  written: Written,
  folder: string | undefined,
  source: ConfigSource,
): Promise<Written | { what: string; mend: string }> {
  if ("items" in written || typeof written.scalar !== "string") return written;
  const match = /^\$\{(file|env|credential):([^}]+)\}$/.exec(written.scalar);
  if (!match) return written;
  const [, from, name] = match as unknown as [string, "file" | "env" | "credential", string];
  if (from === "env") {
    const text = source.environment[name];
    if (text !== undefined) return { at: written.at, scalar: text };
    return { what: `the environment has no ${name}`, mend: `set ${name}` };
  }
  const credentials = source.environment["CREDENTIALS_DIRECTORY"];
  if (from === "credential" && !credentials) {
    return { what: "there are no credentials", mend: `say LoadCredential=${name} in the unit` };
  }
  const path = under(from === "credential" ? credentials! : (folder ?? "."), name);
  const text = await source.read(path, secretBytes).catch(() => undefined);
  if (text !== undefined) return { at: written.at, scalar: text.replace(/\r?\n$/, "") };
  return { what: `${path} cannot be read`, mend: "make the file, readable by the daemon's user alone" };
}
