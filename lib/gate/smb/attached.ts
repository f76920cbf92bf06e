import { ok, type Result } from "../../base/result.ts";
import {
  beginAttachments,
  copyAttachments,
  ownerOf,
  readAttachment,
  writeAttachment,
  type AttachmentName,
} from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import type { Node } from "./node.ts";
import { noteOf, tagIn } from "./note.ts";
import type { Room } from "./open.ts";

/** The tag of what is attached to a file; "" for nothing. */
export async function tagOf(room: Room, node: Node): Promise<Result<string>> {
  const stat = await node.stat(room.files);
  return stat.ok ? ok(tagIn(stat.value, node.known)) : stat;
}

/** The tag to attach something under: the file's own, made where it has none, or only a copy of another's. */
export async function ownTag(house: SmbHouse, room: Room, node: Node): Promise<Result<string>> {
  const known = await tagOf(room, node);
  if (!known.ok) return known;
  const { files } = room.shelf;
  const mine = ownerText(room, node);
  if (known.value !== "") {
    const owner = await ownerOf(files, known.value);
    if (!owner.ok) return owner;
    if (owner.value === mine) return known;
    if (!(await isTagged(room, owner.value, known.value))) {
      const taken = await beginAttachments(files, known.value, mine);
      return taken.ok ? known : taken;
    }
  }
  const tag = house.needs.entropy(8).toHex();
  const begun = await beginAttachments(files, tag, mine);
  const copied = begun.ok && known.value !== "" ? await copyAttachments(files, known.value, tag) : begun;
  if (!copied.ok) return copied;
  node.learn({ tag });
  const kept = await node.keep(room.files);
  return kept.ok ? ok(tag) : kept;
}

/** The tag of what goes with the file when it goes; "" where that is another's. */
export async function ownedTag(room: Room, node: Node): Promise<string> {
  const tag = await tagOf(room, node);
  if (!tag.ok || tag.value === "") return "";
  const owner = await ownerOf(room.shelf.files, tag.value);
  return owner.ok && owner.value === ownerText(room, node) ? tag.value : "";
}

const ownerText = ({ shelf }: Room, { path }: Node): string => [...shelf.root, ...path].join("/");

async function isTagged({ shelf }: Room, owner: string, tag: string): Promise<boolean> {
  if (owner === "") return false;
  const stat = await shelf.files.stat(owner.split("/"));
  return stat.ok && noteOf(stat.value).tag === tag;
}

/** A document of the file; undefined where it has none. */
export async function readAttached(
  room: Room,
  node: Node,
  name: AttachmentName,
): Promise<Result<Uint8Array | undefined>> {
  const tag = await tagOf(room, node);
  if (!tag.ok || tag.value === "") return tag.ok ? ok(undefined) : tag;
  return readAttachment(room.shelf.files, tag.value, name);
}

export async function writeAttached(
  house: SmbHouse,
  room: Room,
  node: Node,
  name: AttachmentName,
  bytes: Uint8Array,
): Promise<Result<void>> {
  const tag = await ownTag(house, room, node);
  return tag.ok ? writeAttachment(room.shelf.files, tag.value, name, bytes) : tag;
}
