import { type Path } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** Nowhere standardised: COMB "whole" "part 1" "part 2": parts go to the end of the whole, and are gone. */
export const comb = command("COMB", '<"whole"> <"part"> …', combine);

const maxParts = 200;

function* combine(control: Control, argument: string): Flow {
  const names = [...argument.matchAll(/"([^"]+)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
  if (names.length < 2 || names.length > maxParts) return control.reply(501, 'COMB "whole" "part" …');
  const paths: Path[] = [];
  for (const name of names) {
    const path = control.pathOf(name);
    if (!path.ok) return control.refuse(path.fault, 550);
    paths.push(path.value);
  }
  const done = yield* ask("combine", { whole: paths[0]!, parts: paths.slice(1) });
  if (!done.ok) return control.refuse(done.fault);
  return control.reply(250, "Combined");
}
