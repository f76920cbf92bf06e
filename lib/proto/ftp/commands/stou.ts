import { command } from "../command.ts";
import { transfer } from "./transfer.ts";

/** RFC 959 §4.1.3, RFC 1123 §4.1.2.9: the server chooses a name nobody has; the argument is a hint. */
export const stou = command(
  "STOU",
  "[name]",
  (control, argument) => {
    if (control.restart > 0) return control.reply(550, "A new file has only a beginning");
    const path = control.pathOf(argument.trim() === "" ? "upload" : argument);
    if (!path.ok) return control.refuse(path.fault);
    if (path.value.length === 0) return control.reply(553, "The root is a folder");
    const opening = { to: "store", path: path.value, from: 0, how: "unique" } as const;
    return transfer(control, "STOU", opening, ({ name }) => `FILE: ${name ?? ""}`);
  },
  { transfer: "opens" },
);
