import { basename } from "node:path";
import { codeOnly, type SourceFile } from "./sources.ts";

const limits = { fileLines: 400, lineColumns: 110 };

/** Files that may be longer, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {};

/** What breaks the house's tidiness in one file. How long a function may be is held by the linter
 *  (`max-lines-per-function` in .oxlintrc.json), which can see where one ends. */
export function untidiness(file: SourceFile): string[] {
  const found: string[] = [];
  const say = (what: string): void => void found.push(`${file.path}: ${what}`);
  const lines = file.text.split("\n");
  const rows = lines.length - 1;
  if (rows > limits.fileLines && !longFiles[file.path]) say(`${rows} lines, over ${limits.fileLines}`);
  lines.forEach((line, i) => {
    if (line.length > limits.lineColumns)
      say(`line ${i + 1} has ${line.length} columns, over ${limits.lineColumns}`);
  });
  const code = codeOnly(file.text);
  if (/^(?:export )?(?:let|var) /m.test(code))
    say("a variable at module level that changes: state has an owner");
  if (isBarrel(code)) say("a barrel: import from the file that has it");
  if (/\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/.test(file.text))
    say("a note to oneself: mend it or tell it in an issue");
  if (/\b(?:test|describe|it)\.only\(/.test(code)) say("a test run alone");
  for (const part of file.path.replace(/\.\w+$/, "").split("/")) {
    if (vague.test(part)) say(`"${part}" says nothing: name the thing`);
  }
  if (!/^[a-z0-9.-]+$/.test(basename(file.path))) say("file names are small letters and dashes");
  return found;
}

const vague = /^(?:utils?|helpers?|common|misc|managers?|types|index|shared|core|lib2|stuff)$/;

/** A file that only passes on what others export. */
function isBarrel(code: string): boolean {
  const statements = code.split("\n").filter((line) => line.trim() !== "");
  return (
    statements.length > 1 &&
    statements.every((line) => /^export (?:type )?(?:\*|\{[^}]*\}) .*from/.test(line))
  );
}
