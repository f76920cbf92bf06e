import type { Result } from "../base/result.ts";
import { environmentLayer } from "./environment.ts";
import { configFiles, fileLayer, type ConfigFile } from "./files-layer.ts";
import type { Statement } from "./layer.ts";
import type { Problem } from "./problem.ts";
import { resolve, type Ports } from "./resolve.ts";
import type { ConfigOf, Section } from "./section.ts";
import type { ConfigSource } from "./source.ts";

export interface LoadRequest<S extends readonly Section[]> {
  /** The daemon's name: "ftpd" reads ftpd.yaml. */
  readonly daemon: string;
  readonly sections: S;
  /** Names of other daemons' sections, which files for everybody may have. */
  readonly foreign: readonly string[];
  /** A configuration folder, or one file that is read alone. */
  readonly from: { readonly folder: string } | { readonly file: string };
  readonly flags: readonly Statement[];
  readonly ports: Ports;
}

export interface Loaded<S extends readonly Section[]> {
  readonly config: ConfigOf<S>;
  /** Where each setting comes from, by "ftp.listen": a file, a variable, a flag, or "default". */
  readonly origins: ReadonlyMap<string, string>;
  /** The files that were read, in their order. */
  readonly files: readonly string[];
}

/** Reads the whole configuration: defaults < holdfast.yaml < conf.d < <daemon>.yaml < environment < flags.
 *  Gives all problems at once, in the order of the sources. */
export async function load<const S extends readonly Section[]>(
  request: LoadRequest<S>,
  source: ConfigSource,
): Promise<Result<Loaded<S>, readonly Problem[]>> {
  const { daemon, sections, from } = request;
  const found =
    "folder" in from
      ? await configFiles(source, from.folder, daemon)
      : { files: [{ path: from.file, everybodys: true }], problems: [] };
  const problems: Problem[] = [...found.problems];
  const statements: Statement[] = [];
  const ours = sections.map((section) => section.name);
  for (const file of found.files satisfies ConfigFile[]) {
    const layer = await fileLayer(source, file, ours, request.foreign);
    problems.push(...layer.problems);
    statements.push(...layer.statements);
  }
  const environment = environmentLayer(source.environment, sections);
  problems.push(...environment.problems);
  statements.push(...environment.statements, ...request.flags);
  const { values, origins } = await resolve(sections, statements, request.ports, source, problems);
  if (problems.length > 0) return { ok: false, fault: inOrder(problems) };
  const files = found.files.map((file) => file.path);
  return { ok: true, value: { config: values as ConfigOf<S>, origins, files } };
}

/** By source as they were read, then by line. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const sources = [...new Set(problems.map(({ at }) => at.source))];
  const lineOf = ({ at }: Problem): number => at.line ?? 0;
  return sources.flatMap((source) =>
    problems.filter(({ at }) => at.source === source).sort((a, b) => lineOf(a) - lineOf(b)),
  );
}
