import { nameOf, parentOf, type Path } from "../../base/path.ts";
import type { FileStat } from "../../store/files.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { attachmentsFolder } from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import { folded } from "./name.ts";
import type { Node } from "./node.ts";
import type { Room } from "./open.ts";
import { statusFor } from "./status.ts";

/** What a typed name turns out to be. */
export type Found =
  | { readonly kind: "there"; readonly path: Path; readonly stat: FileStat; readonly node: Node | undefined }
  | { readonly kind: "free"; readonly path: Path }
  | { readonly kind: "refused"; readonly status: number };

/** Finds a name without minding case: exactly as typed first, then name by name. */
export async function resolve(house: SmbHouse, room: Room, typed: Path): Promise<Found> {
  if (isHidden(room, typed)) return { kind: "refused", status: ntStatus.objectNameNotFound };
  const exact = await look(house, room, typed);
  if (exact.kind === "there" || typed.length === 0) return exact;
  if (exact.kind === "refused" && exact.status === ntStatus.accessDenied) return exact;
  let path: Path = [];
  for (const name of parentOf(typed)) {
    const kept = await keptName(house, room, path, name);
    if (kept === undefined) return { kind: "refused", status: ntStatus.objectPathNotFound };
    path = [...path, kept];
  }
  const parent = await look(house, room, path);
  if (parent.kind !== "there" || parent.stat.kind !== "folder") {
    return { kind: "refused", status: ntStatus.objectPathNotFound };
  }
  const kept = await keptName(house, room, path, nameOf(typed));
  if (kept === undefined) return { kind: "free", path: [...path, nameOf(typed)] };
  return look(house, room, [...path, kept]);
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
  if (code === "not-found" || code === "not-directory") return { kind: "free", path };
  return { kind: "refused", status: statusFor[code] };
}

async function keptName(
  house: SmbHouse,
  room: Room,
  folder: Path,
  name: string,
): Promise<string | undefined> {
  const fresh = house.newIn(room.place, folder).map((node) => nameOf(node.path));
  if (fresh.includes(name)) return name;
  const alike = fresh.find((one) => one.toUpperCase() === name.toUpperCase());
  if (alike !== undefined) return alike;
  const there = await room.files.stat([...folder, name]);
  return there.ok ? name : house.folds.find(room.files, room.place, folder, name);
}
