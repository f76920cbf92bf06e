import { aboutOf } from "../cmd/boot-inform.ts";
import { bootOptions } from "../cmd/boot-options.ts";
import { allSections } from "../cmd/all-sections.ts";
import { binaryOf, daemonNames } from "../cmd/daemons.ts";
import { commandPage } from "../cmd/holdfast/verb-man.ts";
import { commandReference } from "../cmd/holdfast/verb-reference.ts";
import { verbs } from "../cmd/holdfast/verbs.ts";
import { exampleFile } from "../lib/config/example.ts";
import { jsonSchema } from "../lib/config/json-schema.ts";
import { manPage } from "../lib/config/man-page.ts";
import { manual } from "../lib/config/manual.ts";
import { compatibilityPage } from "./compatibility.ts";

/** The generated texts of all daemons by file name: the reference, the manual page, the schema for
 *  editors, and an example that states every default. Dates are left out: the same sources give the same
 *  bytes. */
export function manuals(version: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const daemon of daemonNames) {
    const about = aboutOf(daemon);
    const sections = allSections(daemon);
    const schema = JSON.stringify(jsonSchema(daemon, sections), undefined, 2);
    files.set(`${daemon}.md`, manual(about, sections));
    files.set(`${binaryOf(daemon)}.8`, manPage(about, bootOptions, sections, { version, date: "" }));
    files.set(`${daemon}.schema.json`, `${schema}\n`);
    files.set(`${daemon}.example.yaml`, exampleFile(sections, "yaml"));
  }
  files.set("s3-compatibility.md", compatibilityPage());
  files.set("holdfast.md", commandReference(verbs));
  files.set("holdfast.1", commandPage(verbs, version));
  return files;
}
