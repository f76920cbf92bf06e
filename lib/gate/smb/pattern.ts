import { folded } from "./name.ts";

/** Whether names fit a search pattern (MS-FSA §2.1.4.4): `*` and `?`, and what DOS made of them: `<` any
 *  characters up to the last dot, `>` one character or none at a dot or the end, `"` a dot or the end.
 *  Case does not count. */
export function matcher(pattern: string): (name: string) => boolean {
  if (pattern === "*" || pattern === "") return () => true;
  const wanted = folded(pattern);
  return (name) => fits(wanted, folded(name));
}

/** Every state the pattern can be in, moved along by each character: no backtracking, so no slow pattern. */
function fits(pattern: string, name: string): boolean {
  const lastDot = name.lastIndexOf(".");
  let states = closure(pattern, new Set([0]), name === "", name[0]);
  for (let i = 0; i < name.length; i++) {
    const next = new Set<number>();
    for (const state of states) step(pattern, state, name[i]!, i, lastDot, next);
    states = closure(pattern, next, i === name.length - 1, name[i + 1]);
    if (states.size === 0) return false;
  }
  return states.has(pattern.length);
}

function step(
  pattern: string,
  state: number,
  char: string,
  at: number,
  lastDot: number,
  next: Set<number>,
): void {
  const want = pattern[state];
  if (want === undefined) return;
  if (want === "*") next.add(state);
  else if (want === "<") {
    if (char !== "." || at < lastDot) next.add(state);
    else next.add(state + 1);
  } else if (want === "?") next.add(state + 1);
  else if (want === ">") {
    if (char !== ".") next.add(state + 1);
  } else if (want === '"') {
    if (char === ".") next.add(state + 1);
  } else if (want === char) next.add(state + 1);
}

/** What can be passed over without a character. */
function closure(
  pattern: string,
  states: Set<number>,
  atEnd: boolean,
  nextChar: string | undefined,
): Set<number> {
  for (const state of states) {
    const want = pattern[state];
    const skips =
      want === "*" ||
      want === "<" ||
      (want === ">" && (atEnd || nextChar === ".")) ||
      (want === '"' && atEnd);
    if (skips) states.add(state + 1);
  }
  return states;
}
