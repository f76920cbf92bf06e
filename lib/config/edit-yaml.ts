import { isMap, parseDocument } from "yaml";
import { fail, ok, type Result } from "../base/result.ts";

/** The YAML text with one setting set, or taken out where `value` is undefined; comments and everything else
 *  stay as they are. `value` is as one writes it: text, number, boolean, list.
 *  Faults: damaged (the text is no mapping of sections). */
export function withSetting(text: string, section: string, key: string, value: unknown): Result<string> {
  const document = parseDocument(text, { version: "1.2", logLevel: "silent" });
  if (document.errors.length > 0)
    return fail("damaged", "the file cannot be read as YAML", { mend: "mend it by hand first" });
  if (document.contents !== null && !isMap(document.contents))
    return fail("damaged", "the file has no sections", { mend: "mend it by hand first" });
  const group = document.get(section);
  if (group !== undefined && group !== null && !isMap(group))
    return fail("damaged", `${section} is no section in the file`, { mend: "mend it by hand first" });
  if (value === undefined) {
    if (isMap(group)) document.deleteIn([section, key]);
    if (isMap(group) && group.items.length === 0) document.delete(section);
  } else if (isMap(group)) document.setIn([section, key], value);
  else document.set(section, document.createNode({ [key]: value }));
  const empty =
    document.contents === null || (isMap(document.contents) && document.contents.items.length === 0);
  return ok(
    empty ? (document.commentBefore ? document.toString() : "") : document.toString({ lineWidth: 0 }),
  );
}
