import { command, type Command } from "../command.ts";
import { siteNames } from "./site.ts";

/** RFC 959 §4.1.3. The table is handed in: it holds this command too. */
export const help = (table: () => ReadonlyMap<string, Command>): Command =>
  command(
    "HELP",
    "[command]",
    (control, argument) => {
      const verb = argument.trim().toUpperCase();
      if (verb === "") return control.replyLines(214, "Commands:", columns([...table().keys()]), "End");
      if (verb === "SITE") return control.replyLines(214, "SITE commands:", columns(siteNames()), "End");
      const found = table().get(verb);
      if (!found) return control.reply(501, "There is no such command");
      return control.reply(214, `Syntax: ${verb} ${found.syntax}`.trimEnd());
    },
    { login: false },
  );

function columns(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 10) lines.push(words.slice(i, i + 10).join(" "));
  return lines;
}
