/** A place in a file, lines and columns counted from 1. A flag or variable has only a name. */
export interface Place {
  readonly source: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The line itself, for showing. */
  readonly text?: string | undefined;
}

/** Something wrong with the configuration, told for people. Never holds a secret's value. */
export interface Problem {
  readonly what: string;
  readonly at: Place;
  readonly mend?: string | undefined;
}

/** "ftpd.yaml:12:3" */
export const placeText = (at: Place): string =>
  [at.source, at.line, at.column].filter((part) => part !== undefined).join(":");

/** What, where (with the line and a caret), how to mend. */
export function problemLines(problem: Problem): string[] {
  const { at } = problem;
  const lines = [problem.what, `  at: ${placeText(at)}`];
  if (at.text !== undefined && at.column !== undefined) lines.push(...caretLines(at.text, at.column));
  if (problem.mend) lines.push(`  mend: ${problem.mend}`);
  return lines;
}

const shownColumns = 96;

function caretLines(text: string, column: number): string[] {
  const from = Math.max(0, column - shownColumns + 16);
  const shown = text.slice(from, from + shownColumns).replace(/\p{Cc}/gu, " ");
  return [`    ${shown}`, `    ${" ".repeat(column - 1 - from)}^`];
}
