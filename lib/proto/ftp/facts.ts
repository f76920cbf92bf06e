import type { Entry, EntryRights } from "./entry.ts";
import { timeVal } from "./time.ts";

/** Facts of RFC 3659 §7.5 and the UNIX ones everybody knows, in the order they are listed. */
export const factNames = [
  "Type",
  "Size",
  "Modify",
  "Create",
  "Perm",
  "Unique",
  "UNIX.mode",
  "UNIX.owner",
  "UNIX.group",
] as const;
export type FactName = (typeof factNames)[number];

export const defaultFacts: readonly FactName[] = factNames.filter((name) => name !== "Create");

const byLowerName = new Map(factNames.map((name) => [name.toLowerCase(), name]));

/** The facts a client asked for that exist, in our order. */
export function chosenFacts(names: readonly string[]): FactName[] {
  const wanted = new Set(names.map((name) => byLowerName.get(name.toLowerCase())));
  return factNames.filter((name) => wanted.has(name));
}

/** What FEAT says after "MLST ": a star marks what is on. */
export const factsFeature = (on: readonly FactName[]): string =>
  factNames.map((name) => `${name}${on.includes(name) ? "*" : ""};`).join("");

export type EntryType = "file" | "dir" | "cdir" | "pdir";

/** "Type=file;Size=3; name" (RFC 3659 §7.2). `name` is given apart: MLST shows the whole path. */
export function factsLine(entry: Entry, facts: readonly FactName[], name: string, type?: EntryType): string {
  const values: Record<FactName, string | undefined> = {
    Type: type ?? typeOf(entry),
    Size: entry.kind === "folder" ? undefined : String(entry.size),
    Modify: timeVal(entry.modifiedAt),
    Create: timeVal(entry.createdAt),
    Perm: permissions(entry),
    Unique: entry.id.replace(/[;= ]/g, "_"),
    "UNIX.mode": `0${entry.mode.toString(8).padStart(3, "0")}`,
    "UNIX.owner": entry.owner.replace(/[;= ]/g, "_"),
    "UNIX.group": entry.group.replace(/[;= ]/g, "_"),
  };
  const shown = facts.filter((fact) => values[fact] !== undefined);
  return `${shown.map((fact) => `${fact}=${values[fact]};`).join("")} ${name}`;
}

function typeOf(entry: Entry): string {
  if (entry.kind === "link") return "OS.unix=slink";
  return entry.kind === "folder" ? "dir" : "file";
}

/** RFC 3659 §7.5.5: what may be tried; the store has the last word. */
function permissions(entry: Entry): string {
  const { read, write, remove, list } = entry.rights ?? ownersBits(entry.mode);
  const allowed: readonly (readonly [string, boolean])[] =
    entry.kind === "folder"
      ? [
          ["c", write],
          ["d", remove],
          ["f", read && remove],
          ["m", write],
          ["p", remove],
          ["el", list],
        ]
      : [
          ["a", write],
          ["d", remove],
          ["f", read && remove],
          ["w", write],
          ["r", read],
        ];
  return allowed.map(([letters, may]) => (may ? letters : "")).join("");
}

function ownersBits(mode: number): EntryRights {
  const [read, write] = [(mode & 0o400) !== 0, (mode & 0o200) !== 0];
  return { read, write, remove: write, list: read };
}
