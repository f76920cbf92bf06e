import { pathText } from "../../../base/path.ts";
import { command } from "../command.ts";

/** RFC 959 §4.1.3; inner quotes are doubled (its appendix II). */
export const pwd = command("PWD", "", (control) =>
  control.reply(257, `${quoted(pathText(control.cwd))} is where you are`),
);

export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
