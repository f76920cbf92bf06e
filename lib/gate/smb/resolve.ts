import { nameOf, parentOf, type Path } from "../../base/path.ts";
import type { FileStat } from "../../store/files.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { attachmentsFolder } from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import { folded } from "./name.ts";
import { tagIn } from "./note.ts";
import type { Node } from "./node.ts";
import type { Room } from "./open.ts";
import { statusFor } from "./status.ts";

/** What a typed name turns out to be. */
export type Found =
  | { readonly kind: "there"; readonly path: Path; readonly stat: FileStat; readonly node: Node | undefined }
  /** `parentTag`: names what is attached to its folder. */
  | { readonly kind: "free"; readonly path: Path; readonly parentTag: string }
  | { readonly kind: "refused"; readonly status: number };

/** Finds a name without minding case: exactly as typed first, then name by name. */
export async function resolve(house: SmbHouse, room: Room, typed: Path): Promise<Found> {
  if (isHidden(room, typed)) return { kind: "refused", status: ntStatus.objectNameNotFound };
  const exact = await look(house, room, typed);
  if (exact.kind === "there" || typed.length === 0) return exact;
  if (exact.kind === "refused" && exact.status === ntStatus.accessDenied) return exact;
  const parent = await resolveFolder(house, room, parentOf(typed));
  if (!parent) return { kind: "refused", status: ntStatus.objectPathNotFound };
  const isExact = parent.path.every((name, i) => name === typed[i]);
  const kept = isExact
    ? await alike(house, room, parent.path, nameOf(typed))
    : await keptName(house, room, parent.path, nameOf(typed));
  if (kept !== undefined) return look(house, room, [...parent.path, kept]);
  return { kind: "free", path: [...parent.path, nameOf(typed)], parentTag: parent.tag };
}

/** The folder that a path means, exactly as typed or name by name. */
async function resolveFolder(
  house: SmbHouse,
  room: Room,
  typed: Path,
): Promise<{ path: Path; tag: string } | undefined> {
  const exact = await look(house, room, typed);
  if (exact.kind === "there") return folderOf(exact);
  let path: Path = [];
  for (const name of typed) {
    const kept = await keptName(house, room, path, name);
    if (kept === undefined) return undefined;
    path = [...path, kept];
  }
  const found = await look(house, room, path);
  return found.kind === "there" ? folderOf(found) : undefined;
}

function folderOf({ path, stat, node }: Extract<Found, { kind: "there" }>) {
  return stat.kind === "folder" ? { path, tag: tagIn(stat, node?.known ?? {}) } : undefined;
}

/** Where attachments are kept nobody looks by name. */
export const isHidden = (room: Room, path: Path): boolean =>
  !room.of && room.shelf.root.length === 0 && folded(path[0] ?? "") === folded(attachmentsFolder);

/** A name exactly as it is: what is open here counts before what the store says. */
export async function look(house: SmbHouse, room: Room, path: Path): Promise<Found> {
  const node = house.node(room.place, path);
  const stat = await (node ? node.stat(room.files) : room.files.stat(path));
  if (stat.ok) return { kind: "there", path, stat: stat.value, node };
  const { code } = stat.fault;
  if (code === "not-found" || code === "not-directory") return { kind: "free", path, parentTag: "" };
  return { kind: "refused", status: statusFor[code] };
}

/** The name as it is kept, where there is one that differs from `name` in nothing but case. */
async function keptName(
  house: SmbHouse,
  room: Room,
  folder: Path,
  name: string,
): Promise<string | undefined> {
  const fresh = house.newIn(room.place, folder).map((node) => nameOf(node.path));
  if (fresh.includes(name)) return name;
  const there = await room.files.stat([...folder, name]);
  return there.ok ? name : alike(house, room, folder, name);
}

/** The same, of a name that is not there as it is written. */
async function alike(house: SmbHouse, room: Room, folder: Path, name: string): Promise<string | undefined> {
  const fresh = house.newIn(room.place, folder).map((node) => nameOf(node.path));
  const found = fresh.find((one) => folded(one) === folded(name));
  return found ?? house.folds.find(room.files, room.place, folder, name);
}
