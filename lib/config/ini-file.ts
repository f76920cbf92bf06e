import {
  documentLimits,
  type Document,
  type Written,
  type WrittenSection,
  type WrittenSetting,
} from "./document.ts";
import type { Place, Problem } from "./problem.ts";

/** Reads INI: `[section]`, `key = value`, `;` and `#` begin a comment line. A value may stand in double
 *  quotes; a list is parted by commas. No continuation lines, no interpolation: what is written is what it
 *  means. */
export function readIni(source: string, text: string): Document {
  const sections = new Map<string, WrittenSection & { settings: WrittenSetting[] }>();
  const problems: Problem[] = [];
  const known = new Set<string>();
  const lines = text.split("\n");
  if (lines.length > documentLimits.entries) {
    const what = `more than ${documentLimits.entries} lines`;
    return { sections: [], problems: [{ what, at: { source } }], textual: true };
  }
  let current: { name: string; settings: WrittenSetting[] } | undefined;
  lines.forEach((whole, i) => {
    const line = whole.replace(/\r$/, "");
    const at = (column: number): Place => ({ source, line: i + 1, column, text: line });
    const say = (what: string, mend: string, column = indent(line) + 1): void =>
      void problems.push({ what, at: at(column), mend });
    if (/^\s*(?:[;#].*)?$/.test(line)) return;
    const heading = /^\s*\[([^\]]+)\]\s*$/.exec(line);
    if (heading) {
      const name = heading[1]!.trim();
      if (sections.has(name)) say(`the section [${name}] occurs twice`, "join the two");
      const found = { name, at: at(line.indexOf(name) + 1), settings: [] };
      current = sections.getOrInsert(name, found);
      return;
    }
    const setting = /^(\s*)([A-Za-z0-9_-]+)(\s*=\s*)(.*)$/.exec(line);
    if (!setting) return say("this is neither [section] nor key = value", "start a comment with ;");
    if (!current) return say("a setting before any [section]", "write the section's name above it");
    const [, space, key, equals, value] = setting as unknown as [string, string, string, string, string];
    const name = `${current.name}\n${key}`;
    if (known.has(name)) return say("the same key occurs twice", "keep one");
    known.add(name);
    const valueAt = at(space.length + key.length + equals.length + 1);
    current.settings.push({ key, at: at(space.length + 1), value: scalar(value, valueAt) });
  });
  return { sections: [...sections.values()], problems, textual: true };
}

function scalar(value: string, at: Place): Written {
  const bare = value.trim();
  const quoted = /^"(.*)"$/.exec(bare);
  return { at, scalar: quoted ? quoted[1]!.replace(/\\(["\\])/g, "$1") : bare };
}

const indent = (line: string): number => line.length - line.trimStart().length;
