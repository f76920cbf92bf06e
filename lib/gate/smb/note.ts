import { asUnixMs } from "../../base/time.ts";
import { unixMs, type FileTime } from "../../proto/smb/filetime.ts";
import type { FileStat } from "../../store/files.ts";

/** What SMB knows of a file and the house has no word for. */
export interface FileNote {
  readonly attributes?: number | undefined;
  readonly created?: FileTime | undefined;
  readonly accessed?: FileTime | undefined;
  readonly written?: FileTime | undefined;
  readonly changed?: FileTime | undefined;
  /** Names what is attached to the file: 16 hexadecimal digits that nobody can guess. */
  readonly tag?: string | undefined;
}

const letters = { attributes: "a", created: "b", accessed: "r", written: "w", changed: "c" } as const;
const tagLetter = "x";
const numbers = Object.keys(letters) as (keyof typeof letters)[];
const keys = [...numbers, "tag"] as const satisfies (keyof FileNote)[];

/** "a=22 b=1dd7958e965d598 …": hexadecimal values under the letters above. */
export function noteText(note: FileNote): string {
  const parts = numbers
    .filter((key) => note[key] !== undefined)
    .map((key) => `${letters[key]}=${note[key]!.toString(16)}`);
  return [...parts, ...(note.tag ? [`${tagLetter}=${note.tag}`] : [])].join(" ");
}

/** What the note of a file says. A time of writing that is not the file's own any more is left out: another
 *  door has written since. */
export function noteOf(stat: FileStat): FileNote {
  const values = new Map<string, bigint>();
  for (const part of (stat.note ?? "").split(" ")) {
    const found = /^([a-z])=([0-9a-f]{1,16})$/.exec(part);
    if (found) values.set(found[1]!, BigInt(`0x${found[2]!}`));
  }
  const attributes = values.get(letters.attributes);
  const tag = values.get(tagLetter)?.toString(16).padStart(16, "0");
  const written = values.get(letters.written);
  const isCurrent = written !== undefined && Math.abs(unixMs(written) - stat.modifiedAt) < 1.001;
  return {
    attributes: attributes === undefined ? undefined : Number(attributes & 0xffffffffn),
    created: values.get(letters.created),
    accessed: isCurrent ? values.get(letters.accessed) : undefined,
    written: isCurrent ? written : undefined,
    changed: isCurrent ? values.get(letters.changed) : undefined,
    tag,
  };
}

/** The later of two notes, field by field. */
export function noteOver(below: FileNote, above: FileNote): FileNote {
  return Object.fromEntries(keys.map((key) => [key, above[key] ?? below[key]]));
}

/** Names what is attached to a file; "" for nothing. */
export const tagIn = (stat: FileStat, known: FileNote): string => known.tag ?? noteOf(stat).tag ?? "";

/** What the store keeps of it in words of its own. */
export const keptTime = (written: FileTime): ReturnType<typeof asUnixMs> => asUnixMs(unixMs(written));
