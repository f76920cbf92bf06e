import { nameOf, parentOf, type Path } from "../../../base/path.ts";
import type { Result } from "../../../base/result.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { isGlob, withoutOptions } from "../listing.ts";
import { transfer } from "./transfer.ts";

const announce = (): string => "Here comes the listing";

/** RFC 959 §4.1.3, in the form of `ls -l`. A name with `*` or `?` picks. */
export const list = command(
  "LIST",
  "[path]",
  (control, argument) => {
    const target = targetOf(control, argument);
    if (!target.ok) return control.refuse(target.fault, 550);
    const { path, glob } = target.value;
    return transfer(control, "LIST", { to: "list", path, form: { as: "long", glob } }, announce);
  },
  { transfer: "opens" },
);

/** RFC 959 §4.1.3: names that RETR takes, with the folder that was asked for before them. */
export const nlst = command(
  "NLST",
  "[path]",
  (control, argument) => {
    const target = targetOf(control, argument);
    if (!target.ok) return control.refuse(target.fault, 550);
    const { path, glob, prefix } = target.value;
    return transfer(control, "NLST", { to: "list", path, form: { as: "names", glob, prefix } }, announce);
  },
  { transfer: "opens" },
);

/** RFC 3659 §7. A file is 501 by §7.2.1. */
export const mlsd = command(
  "MLSD",
  "[path]",
  (control, argument) => {
    const path = control.pathOf(argument);
    if (!path.ok) return control.refuse(path.fault, 550);
    const form = { as: "facts", facts: control.facts } as const;
    const opening = { to: "list", path: path.value, form } as const;
    return transfer(control, "MLSD", opening, announce, { "not-directory": 501 });
  },
  { transfer: "opens" },
);

interface Target {
  readonly path: Path;
  readonly glob: string | undefined;
  readonly prefix: string;
}

function targetOf(control: Control, argument: string): Result<Target> {
  const text = withoutOptions(argument);
  const path = control.pathOf(text);
  if (!path.ok) return path;
  const name = nameOf(path.value);
  const picks = isGlob(name);
  const folder = picks ? parentOf(path.value) : path.value;
  const asked = picks ? text.slice(0, text.lastIndexOf("/") + 1) : text;
  const prefix = asked === "" || asked.endsWith("/") ? asked : `${asked}/`;
  return { ok: true, value: { path: folder, glob: picks ? name : undefined, prefix } };
}
