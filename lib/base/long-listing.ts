import type { UnixMs } from "./time.ts";

/** What `ls -l` tells of a file or folder. */
export interface Listed {
  readonly name: string;
  readonly kind: "file" | "folder" | "link";
  readonly size: number;
  readonly modifiedAt: UnixMs;
  /** Permission bits, 0o000–0o777. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

/** One line as `ls -l` prints it, without its ending: what FTP and SFTP clients parse. */
export function longLine(entry: Listed, now: UnixMs): string {
  const owner = oneWord(entry.owner).padEnd(8);
  const group = oneWord(entry.group).padEnd(8);
  const size = String(entry.size).padStart(12);
  const links = entry.kind === "folder" ? 2 : 1;
  const time = listTime(entry.modifiedAt, now);
  return `${modeText(entry)} ${links} ${owner} ${group} ${size} ${time} ${entry.name}`;
}

/** "drwxr-xr-x". */
export function modeText(entry: Pick<Listed, "kind" | "mode">): string {
  const letters = "rwxrwxrwx";
  let text = kindLetter[entry.kind];
  for (let i = 0; i < 9; i++) text += entry.mode & (0o400 >> i) ? letters[i]! : "-";
  return text;
}
const kindLetter: Record<Listed["kind"], string> = { file: "-", folder: "d", link: "l" };

/** A column must be one word. */
const oneWord = (name: string): string => name.replace(/\s/g, "_") || "-";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const halfYearMs = 182 * 86_400_000;

/** The hour within half a year, the year otherwise; UTC. */
export function listTime(at: UnixMs, now: UnixMs): string {
  const date = new Date(at);
  const day = `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const recent = at <= now + 86_400_000 && at > now - halfYearMs;
  if (!recent) return `${day}  ${String(date.getUTCFullYear()).padStart(4)}`;
  return `${day} ${date.toISOString().slice(11, 16)}`;
}
