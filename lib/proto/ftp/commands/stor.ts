import { nameOf } from "../../../base/path.ts";
import type { Flow, StoreHow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { transfer } from "./transfer.ts";

/** RFC 959 §4.1.3. After REST n the file is cut at n and written from there. */
export const stor = command("STOR", "<path>", (control, argument) => store(control, argument, "at"), {
  transfer: "opens",
});

/** RFC 959 §4.1.3. */
export const appe = command("APPE", "<path>", (control, argument) => store(control, argument, "append"), {
  transfer: "opens",
});

function store(control: Control, argument: string, how: StoreHow): Flow | undefined {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault);
  if (path.value.length === 0) return control.reply(553, "The root is a folder");
  const verb = how === "append" ? "APPE" : "STOR";
  const opening = { to: "store", path: path.value, from: control.restart, how } as const;
  return transfer(control, verb, opening, () => `Ready for ${nameOf(path.value)}`);
}
