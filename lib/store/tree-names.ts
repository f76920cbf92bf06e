import { utf8 } from "../base/bytes.ts";
import { pathLimits, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";

/** How a key that a tree cannot show is shown in it, and found again. A key's segments between "/" are names;
 *  most are their own. The others, reversibly and each differently:
 *
 *    a control character          %0A       (two capital hexadecimal digits)
 *    the empty segment            %_
 *    "." and ".."                 %2E  %2E%2E
 *    ".versions", which is ours   %2Eversions
 *    the file `a` beside `a/…`    a%file    (the folder keeps the plain name)
 *    over 255 bytes               the first 250 and %more, a folder that holds the rest
 *
 *  A name that only looks like one of these has its "%" written as "%25". Every other "%" is itself. */

/** U+0000–U+001F and U+007F. */
const control = /(?![\u0080-\u009f])\p{Cc}/gu;
const hasControl = /(?![\u0080-\u009f])\p{Cc}/u;
const token = "0[0-9A-F]|1[0-9A-F]|7F";
const whole = "(?:_|2E|2E%2E|2Eversions)$";
const suffix = "file$";

const looksEscaped = new RegExp(`%(?=(?:25)*(?:${token}|${suffix}))|^%(?=(?:25)*${whole})`, "g");
const looksEscapedInside = new RegExp(`%(?=(?:25)*(?:${token}))`, "g");
const escapes = new RegExp(`%25(?=(?:25)*(?:${token}|${suffix}))|^%25(?=(?:25)*${whole})|%(${token})`, "g");
const escapesInside = new RegExp(`%25(?=(?:25)*(?:${token}))|%(${token})`, "g");
const moreSuffix = /%((?:25)*)more$/;

const fileMark = "%file";
const moreMark = "%more";
/** A name that ends in "%more" is ours from this length of what stands before it. */
const moreStemBytes = 235;
const chunkBytes = pathLimits.nameBytes - moreMark.length;

/** The folder of older versions that each folder has. */
export const versionsName = ".versions";

const wholeNames = new Map([
  ["", "%_"],
  [".", "%2E"],
  ["..", "%2E%2E"],
  [versionsName, "%2Eversions"],
]);
const wholeRaws = new Map([...wholeNames].map(([raw, name]) => [name, raw]));

const hexOf = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
const bytesOf = (text: string): number => utf8(text).length;

/** The names that show one segment: several where it is over-long. `beside`: the file `a` beside `a/…`. */
export function namesOfSegment(segment: string, beside = false): string[] {
  const plain = nameOfSegment(segment, beside);
  if (bytesOf(plain) <= pathLimits.nameBytes) return [plain];
  const chunk = longestChunk(segment);
  return [inside(chunk) + moreMark, ...namesOfSegment(segment.slice(chunk.length), beside)];
}

function nameOfSegment(segment: string, beside: boolean): string {
  if (beside) return inside(segment) + fileMark;
  const special = wholeNames.get(segment);
  if (special !== undefined) return special;
  const name = segment.replace(looksEscaped, "%25").replace(control, hexOf);
  const more = moreSuffix.exec(name);
  const ours = more && bytesOf(name.slice(0, more.index)) >= moreStemBytes;
  return ours ? `${name.slice(0, more.index)}%25${name.slice(more.index + 1)}` : name;
}

const inside = (segment: string): string =>
  segment.replace(looksEscapedInside, "%25").replace(control, hexOf);

/** The longest start of an over-long segment whose name leaves room for the mark. */
function longestChunk(segment: string): string {
  let size = 0;
  let end = 0;
  for (const char of segment) {
    const next = end + char.length;
    size = bytesOf(inside(segment.slice(0, next)));
    if (size > chunkBytes) break;
    end = next;
  }
  return segment.slice(0, end);
}

/** What a name stands for. */
export interface NamePart {
  readonly text: string;
  /** "beside": the file beside the folder of its name. "more": the start of an over-long segment. */
  readonly as: "plain" | "beside" | "more";
}

/** Reads one name. Faults: bad-name (control characters, which no name of ours has). */
export function readName(name: string): Result<NamePart> {
  if (hasControl.test(name)) return fail("bad-name", "a name has no control characters here");
  const special = wholeRaws.get(name);
  if (special !== undefined) return ok({ text: special, as: "plain" });
  if (name.endsWith(fileMark)) return ok({ text: outside(name.slice(0, -5), escapesInside), as: "beside" });
  const more = moreSuffix.exec(name);
  const stem = more && name.slice(0, more.index);
  if (more && stem && bytesOf(stem) >= moreStemBytes) {
    if (more[1] === "") return ok({ text: outside(stem, escapesInside), as: "more" });
    return ok({ text: `${outside(stem, escapesInside)}%${more[1]!.slice(2)}more`, as: "plain" });
  }
  return ok({ text: outside(name, escapes), as: "plain" });
}

const outside = (name: string, pattern: RegExp): string =>
  name.replace(pattern, (_, code: string | undefined) =>
    code === undefined ? "%" : String.fromCharCode(Number.parseInt(code, 16)),
  );

/** The segments a path stands for. */
export interface Segments {
  readonly segments: readonly string[];
  /** The last is the file beside the folder of its name. */
  readonly beside: boolean;
  /** The path ends within an over-long segment: what is known of it. */
  readonly start: string | undefined;
}

/** Faults: bad-name, not-found (beneath a name that can only be a file). */
export function readNames(path: Path): Result<Segments> {
  const segments: string[] = [];
  let start = "";
  let last: NamePart["as"] = "plain";
  for (const name of path) {
    if (last === "beside") return fail("not-found", "there is nothing beneath a file", { where: name });
    const part = readName(name);
    if (!part.ok) return part;
    last = part.value.as;
    start += part.value.text;
    if (last === "more") continue;
    segments.push(start);
    start = "";
  }
  return ok({ segments, beside: last === "beside", start: last === "more" ? start : undefined });
}
