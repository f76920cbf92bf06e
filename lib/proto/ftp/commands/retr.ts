import { nameOf } from "../../../base/path.ts";
import { command } from "../command.ts";
import { transfer } from "./transfer.ts";

/** RFC 959 §4.1.3. */
export const retr = command(
  "RETR",
  "<path>",
  (control, argument) => {
    const path = control.pathOf(argument);
    if (!path.ok) return control.refuse(path.fault, 550);
    const { from, until } = control.range ?? { from: control.restart, until: undefined };
    const opening = { to: "retrieve", path: path.value, from, until } as const;
    return transfer(control, "RETR", opening, ({ size }) =>
      size === undefined ? "Sending" : `Sending ${nameOf(path.value)} (${size} bytes)`,
    );
  },
  { transfer: "opens" },
);
