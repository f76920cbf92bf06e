import { documentLimits, type Document } from "./document.ts";
import type { Layer, Statement } from "./layer.ts";
import type { Problem } from "./problem.ts";
import type { ConfigSource } from "./source.ts";
import { readIni } from "./ini-file.ts";
import { nearest } from "./suggest.ts";

const extensions = ["yaml", "yml", "json", "ini"];

/** Which file is read, and whose sections it may have beside ours. */
export interface ConfigFile {
  readonly path: string;
  /** Other daemons' sections are allowed: holdfast.yaml and conf.d are read by all of them. */
  readonly everybodys: boolean;
}

/** The files of a configuration folder in their order: holdfast, conf.d in byte order, the daemon's own. */
export async function configFiles(
  source: ConfigSource,
  folder: string,
  daemon: string,
): Promise<{ files: ConfigFile[]; problems: Problem[] }> {
  const names = await source.list(folder);
  const problems: Problem[] = [];
  const named = (stem: string): string[] => {
    const found = extensions
      .map((extension) => `${stem}.${extension}`)
      .filter((name) => names.includes(name));
    if (found.length > 1) {
      const what = `there are ${found.join(" and ")}, and only one of them can be meant`;
      problems.push({ what, at: { source: `${folder}/${found[1]!}` }, mend: "remove all but one" });
    }
    return found.map((name) => `${folder}/${name}`);
  };
  const dropped = await source.list(`${folder}/conf.d`);
  const inConfD = dropped
    .filter((name) => extensions.includes(extensionOf(name)) && !name.startsWith("."))
    .map((name) => `${folder}/conf.d/${name}`);
  const files = [
    ...[...named("holdfast"), ...inConfD].map((path) => ({ path, everybodys: true })),
    ...named(daemon).map((path) => ({ path, everybodys: false })),
  ];
  return { files, problems };
}

const extensionOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";

/** What one file states about `ours`; unknown sections are problems, those of `foreign` are not looked
 *  into. */
export async function fileLayer(
  source: ConfigSource,
  file: ConfigFile,
  ours: readonly string[],
  foreign: readonly string[],
): Promise<Layer> {
  const read = await readDocument(source, file.path);
  if ("what" in read) return { statements: [], problems: [read] };
  const problems = [...read.problems];
  const statements: Statement[] = [];
  const folder = /^(.*)[/\\]/.exec(file.path)?.[1];
  for (const section of read.sections) {
    if (ours.includes(section.name)) {
      for (const { key, at, value } of section.settings) {
        statements.push({ section: section.name, key, keyAt: at, value, textual: read.textual, folder });
      }
    } else if (!file.everybodys || !foreign.includes(section.name)) {
      problems.push(unknownSection(section, file.everybodys ? [...ours, ...foreign] : ours));
    }
  }
  return { statements, problems };
}

function unknownSection(section: { name: string; at: Problem["at"] }, known: readonly string[]): Problem {
  const meant = nearest(section.name, known);
  const mend = meant ? `did you mean ${meant}?` : `the sections here are ${known.join(", ")}`;
  return { what: `unknown section ${JSON.stringify(section.name.slice(0, 64))}`, at: section.at, mend };
}

async function readDocument(source: ConfigSource, path: string): Promise<Document | Problem> {
  const at = { source: path };
  const text = await source
    .read(path, documentLimits.bytes)
    .catch((error: unknown) => readProblem(error, at));
  if (text === undefined) return { what: "there is no such file", at, mend: "name another with --config" };
  if (typeof text !== "string") return text;
  const extension = extensionOf(path);
  if (extension === "ini") return readIni(path, text);
  if (!extensions.includes(extension)) {
    return { what: "a configuration ends in .yaml, .yml, .json or .ini", at, mend: "rename the file" };
  }
  const { readYaml } = await import("./yaml-file.ts"); // 20 ms that a start without files saves
  return readYaml(path, text, extension === "json" ? "JSON" : "YAML");
}

const readProblem = (error: unknown, at: Problem["at"]): Problem => ({
  what: `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  at,
  mend: "give the daemon's user the right to read it",
});
