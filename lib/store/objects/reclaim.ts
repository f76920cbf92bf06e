import { ok } from "../../base/result.ts";
import type { BlobFiles } from "../blobs/blob-files.ts";
import type { BlobTable } from "../catalog/blob-table.ts";
import type { Writer } from "../catalog/writer.ts";
import type { Room } from "./room.ts";

type Reclaim = Room["reclaim"];

/** Files that nothing refers to any more, deleted at opening where a crash kept them. */
const recoveredAtOnce = 10_000;

/** Of files that waited for a backup, how many are deleted with the next one that is not held back. */
const recoveredLater = 1_000;

/** Deletes files whose last reference went with a commit, and forgets them once that is on disk. While a
 *  backup needs files as they are, they wait in the catalog's list of garbage. */
export function reclaimer(writer: Writer, w: BlobTable, blobs: BlobFiles, isHeld: () => boolean): Reclaim {
  let waiting = false;
  return async (departed) => {
    if (departed.length === 0) return;
    if (isHeld()) {
      waiting = true;
      return;
    }
    const gone = waiting ? [...new Set([...departed, ...w.garbage(recoveredLater)])] : departed;
    waiting = waiting && gone.length > recoveredLater;
    const deleted = await blobs.unlink(gone);
    if (deleted.length === 0) return;
    await writer.write(() => {
      for (const file of deleted) w.forget(file);
      return ok();
    });
  };
}

/** Lets go of what dead processes were reading, and deletes what they would have deleted. */
export async function reclaimAfter(room: Room, departed: readonly string[]): Promise<void> {
  const { writer, w, r, reclaim } = room;
  const held = departed.flatMap((name) => w.blobs.heldBy(name).map((blob) => ({ name, blob })));
  if (held.length > 0) {
    await writer.write(() => {
      for (const { name, blob } of held) w.blobs.release(blob, name);
      return ok();
    });
  }
  await reclaim(r.blobs.garbage(recoveredAtOnce));
}
