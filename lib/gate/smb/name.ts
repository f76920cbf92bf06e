import { utf8 } from "../../base/bytes.ts";
import { pathLimits, type Path } from "../../base/path.ts";
import { momentOfToken } from "../../proto/smb/snapshots.ts";
import { ntStatus } from "../../proto/smb/status.ts";

/** A name as a client sent it: the file's path from the share's root, and a stream of it. */
export interface SmbName {
  readonly path: Path;
  /** Undefined: the file's own data. */
  readonly stream: string | undefined;
  /** "file::$DATA": the data by name, which a folder has not. */
  readonly data: boolean;
  /** The moment whose "@GMT-…" stood in the path, in ms since 1970. */
  readonly moment: number | undefined;
}

export type NameResult =
  | { readonly ok: true; readonly name: SmbName }
  | { readonly ok: false; readonly status: number };

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const forbidden = /["*<>?|/\u0000-\u001f]/;
const maxChars = 255;

/** MS-FSCC §2.1.5: reads `dir\file:stream:$DATA`. Reserved characters that clients map into U+F001–F029 for
 *  their own sake stay as they came. */
export function parseName(text: string): NameResult {
  if (text.startsWith("\\")) return { ok: false, status: ntStatus.invalidParameter };
  if (text === "") return { ok: true, name: { path: [], stream: undefined, data: false, moment: undefined } };
  const parts = text.split(/[\\/]/);
  if (parts.at(-1) === "") parts.pop();
  const last = parts.at(-1)!;
  const stream = streamOf(last);
  if (stream === undefined) return invalid;
  if (stream.base === "" && (stream.name === "" || parts.length > 1)) return invalid;
  const whole = climbed(stream.base === "" ? [] : [...parts.slice(0, -1), stream.base]);
  if (!whole) return { ok: false, status: ntStatus.objectPathSyntaxBad };
  const token = whole.findIndex((part) => momentOfToken(part) !== undefined);
  const path = token < 0 ? whole : whole.toSpliced(token, 1);
  if (!path.every(isPlain) || path.length > pathLimits.depth) return invalid;
  return {
    ok: true,
    name: {
      path,
      stream: stream.name || undefined,
      data: stream.name === "" && last.includes(":"),
      moment: token < 0 ? undefined : momentOfToken(whole[token]!),
    },
  };
}

const invalid: NameResult = { ok: false, status: ntStatus.objectNameInvalid };

/** ".." leads to the folder above, and nowhere from the root: undefined. */
function climbed(parts: readonly string[]): string[] | undefined {
  const path: string[] = [];
  for (const part of parts) {
    if (part !== "..") path.push(part);
    else if (path.pop() === undefined) return undefined;
  }
  return path;
}

function isPlain(name: string): boolean {
  if (name === "" || name === "." || name.length > maxChars) return false;
  if (forbidden.test(name) || name.includes(":") || !name.isWellFormed()) return false;
  return utf8(name).length <= pathLimits.nameBytes;
}

/** "a:b:$DATA" is stream b of a; "a" and "a::$DATA" are a itself. Undefined where the syntax is wrong. */
function streamOf(last: string): { base: string; name: string } | undefined {
  const [base = "", name, type, ...more] = last.split(":");
  if (name === undefined) return { base, name: "" };
  if (more.length > 0 || (type !== undefined && type.toUpperCase() !== "$DATA")) return undefined;
  if (name === "" && type === undefined) return undefined;
  if (/[/\0]/.test(name) || !name.isWellFormed() || name.length > maxChars) return undefined;
  return { base, name };
}

/** Names that differ in nothing but case are one for a client that types them. */
export const folded = (name: string): string => name.toUpperCase();

/** `\dir\file`, as information classes tell it. */
export const nameText = (path: Path): string => `\\${path.join("\\")}`;
