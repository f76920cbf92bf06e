import { Glob } from "bun";
import { join } from "node:path";

/** The checkout's top folder. */
export const top: string = join(import.meta.dir, "..");

/** A TypeScript file of ours: its path from the top, with "/", and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export async function readSources(folders: readonly string[]): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const folder of folders) {
    for await (const name of new Glob("**/*.{ts,tsx}").scan({ cwd: join(top, folder) })) {
      const path = `${folder}/${name.replaceAll("\\", "/")}`;
      found.push({ path, text: await Bun.file(join(top, path)).text() });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const notCode = new RegExp(
  [
    /\/\/[^\n]*|\/\*[\s\S]*?\*\//, // comments
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/, // strings and templates
    // regular expressions
    /(?<=[(,=:[!&|?{};\n]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/** The text with comments, strings and regular expressions' contents left out, line breaks kept. */
export function codeOnly(text: string): string {
  return text.replace(notCode, (match) => {
    if (match.startsWith("`")) return templateHoles(match);
    const keepsQuotes = match.startsWith('"') || match.startsWith("'");
    return (keepsQuotes ? '""' : "") + match.replace(/[^\n]/g, "");
  });
}

/** What is computed inside a template literal stays code. */
function templateHoles(literal: string): string {
  const holes = [...literal.matchAll(/\$\{([^{}]*)\}/g)].map((hole) => hole[1]).join(" ");
  return `"" ${holes} ${literal.replace(/[^\n]/g, "")}`;
}

/** Every module named by an import, an export-from, a type import or a dynamic import. */
export function importsOf(text: string): string[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, "");
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"\n]+)"/g;
  return [...bare.matchAll(pattern)].map((match) => match[1]!);
}
