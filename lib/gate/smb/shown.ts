import { ok, type Result } from "../../base/result.ts";
import { attribute, type FileBasics } from "../../proto/smb/create.ts";
import { allocationOf, basicsOf } from "./basics.ts";
import { tagIn } from "./note.ts";
import type { Node } from "./node.ts";
import { fileOf, type Room } from "./open.ts";

export interface Shown {
  readonly basics: FileBasics;
  /** The file's, also of a stream. */
  readonly id: string;
  readonly size: number;
  /** Names what is attached to the file, "" for nothing. */
  readonly tag: string;
}

/** What clients are told of an open file. A stream has its own size, and all else of its file. */
export async function shownOf(opened: { readonly node: Node; readonly room: Room }): Promise<Result<Shown>> {
  const stat = await opened.node.stat(opened.room.files);
  if (!stat.ok) return stat;
  const { size } = stat.value;
  if (!opened.node.base) {
    const { known } = opened.node;
    return ok({
      basics: basicsOf(stat.value, known),
      id: stat.value.id,
      size,
      tag: tagIn(stat.value, known),
    });
  }
  const { node, room } = fileOf(opened);
  const file = await node.stat(room.files);
  if (!file.ok) return file;
  const basics = streamBasics(basicsOf(file.value, node.known), size);
  return ok({ basics, id: file.value.id, size, tag: tagIn(file.value, node.known) });
}

/** A folder's stream is not a folder. */
function streamBasics(file: FileBasics, size: number): FileBasics {
  const attributes = file.attributes & ~attribute.directory;
  return {
    ...file,
    size: BigInt(size),
    allocation: allocationOf(size),
    attributes: attributes === 0 ? attribute.normal : attributes,
  };
}
