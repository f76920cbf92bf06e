import { fail, ok, type Result } from "./result.ts";
import { utf8 } from "./bytes.ts";

/** Names from the root of a view down, each a plain name: never "", ".", "..", and without "/" or NUL.
 *  The root is the empty list. Parsed once at the door; nothing inside compares path strings. */
export type Path = readonly string[];

export const root: Path = [];

/** Limits of a path that any store can keep. */
export const pathLimits = { nameBytes: 255, depth: 128, bytes: 4096 } as const;

/** Reads "/a/b" (absolute) or "a/b" (from `base`). ".." climbs and stops at the root. Faults: bad-name. */
export function parsePath(text: string, base: Path = root): Result<Path> {
  const names: string[] = text.startsWith("/") ? [] : [...base];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") names.pop();
    else names.push(part);
  }
  return checkPath(names);
}

function checkPath(names: string[]): Result<Path> {
  if (names.length > pathLimits.depth) return fail("bad-name", "the path is too deep");
  let total = 0;
  for (const name of names) {
    if (/[\0/]/.test(name) || !name.isWellFormed())
      return fail("bad-name", "the name cannot be kept", { where: name });
    const size = utf8(name).length;
    if (size > pathLimits.nameBytes) return fail("bad-name", "the name is longer than 255 bytes");
    total += size + 1;
  }
  return total > pathLimits.bytes ? fail("bad-name", "the path is longer than 4096 bytes") : ok(names);
}

export const pathText = (path: Path): string => `/${path.join("/")}`;
export const parentOf = (path: Path): Path => path.slice(0, -1);
export const nameOf = (path: Path): string => path.at(-1) ?? "";
export const child = (path: Path, name: string): Path => [...path, name];

/** Whether `path` is `ancestor` or beneath it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((name, i) => name === path[i]);
}
