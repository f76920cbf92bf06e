import { writeAll } from "../lib/host/log-output.ts";
import { exampleFile, type ExampleLanguage } from "../lib/config/example.ts";
import { helpText } from "../lib/config/help.ts";
import { jsonSchema } from "../lib/config/json-schema.ts";
import { manual } from "../lib/config/manual.ts";
import type { CommandLine } from "../lib/config/flags.ts";
import type { Section } from "../lib/config/section.ts";
import { bootOptions, verbsOf } from "./boot-options.ts";
import { binaryOf, daemons, type Daemon } from "./daemons.ts";
import { versionLine } from "./version.ts";

/** Answers the flags that only want to know something. Gives whether one was answered. */
export function inform(daemon: Daemon, sections: readonly Section[], line: CommandLine): boolean {
  const text = answer(daemon, sections, line);
  if (text !== undefined) writeAll(1, `${text.trimEnd()}\n`);
  return text !== undefined;
}

function answer(daemon: Daemon, sections: readonly Section[], line: CommandLine): string | undefined {
  const { options } = line;
  const asked = (name: string): boolean => options.has(name) || line.words[0] === name;
  if (asked("help")) return helpText(aboutOf(daemon), bootOptions, sections);
  if (asked("version")) return versionLine(binaryOf(daemon));
  if (asked("manual")) return manual(aboutOf(daemon), sections);
  if (asked("schema")) return JSON.stringify(jsonSchema(daemon, sections), undefined, 2);
  const language = options.get("example");
  return language === undefined ? undefined : exampleFile(sections, language as ExampleLanguage);
}

/** How a daemon introduces itself in its generated texts. */
export function aboutOf(daemon: Daemon) {
  return {
    daemon,
    program: binaryOf(daemon),
    does: daemons[daemon].does,
    verbs: verbsOf(daemon),
  };
}
