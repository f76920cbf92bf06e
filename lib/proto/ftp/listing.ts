import type { UnixMs } from "../../base/time.ts";
import type { Entry } from "./entry.ts";
import { listTime } from "./time.ts";

/** One line as `ls -l` prints it, without its ending: what clients of `UNIX Type: L8` parse. */
export function longLine(entry: Entry, now: UnixMs): string {
  const owner = shortName(entry.owner).padEnd(8);
  const group = shortName(entry.group).padEnd(8);
  const size = String(entry.size).padStart(12);
  const links = entry.kind === "folder" ? 2 : 1;
  const time = listTime(entry.modifiedAt, now);
  return `${modeText(entry)} ${links} ${owner} ${group} ${size} ${time} ${entry.name}`;
}

/** "drwxr-xr-x". */
export function modeText(entry: Pick<Entry, "kind" | "mode">): string {
  const letters = "rwxrwxrwx";
  let text = kindLetter[entry.kind];
  for (let i = 0; i < 9; i++) text += entry.mode & (0o400 >> i) ? letters[i]! : "-";
  return text;
}
const kindLetter: Record<Entry["kind"], string> = { file: "-", folder: "d", link: "l" };

/** A column must be one word. */
const shortName = (name: string): string => name.replace(/\s/g, "_") || "-";

/** Whether a name can stand on a line of its own. */
export const isListable = (name: string): boolean => !/[\r\n\0]/.test(name);

/** Whether the text is a pattern at all. */
export const isGlob = (text: string): boolean => /[*?]/.test(text);

/** `*` is any run, `?` any one character. Time is at most the product of both lengths. */
export function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Takes leading words like "-la" off a listing's argument; "./-la" is a file, "-- -la" too. */
export function withoutOptions(argument: string): string {
  let rest = argument.trimStart();
  while (/^-[A-Za-z0-9]*(?: |$)/.test(rest)) rest = rest.replace(/^-\S*\s*/, "");
  return rest.replace(/^--\s+/, "");
}
