import { nameOf, parentOf } from "../../base/path.ts";
import { ok } from "../../base/result.ts";
import { done, type Outcome } from "../../proto/smb/ask.ts";
import type { FileBasics } from "../../proto/smb/create.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { ownedTag } from "./attached.ts";
import { removeAttachments } from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import type { Node } from "./node.ts";
import { mayWriteData, type Open, type Room } from "./open.ts";
import { shownOf } from "./shown.ts";
import { refusedFor } from "./status.ts";

/** CLOSE (MS-FSA §2.1.5.4): the handle goes; with the last writing one the bytes get their name, with the
 *  last one of a file marked for deletion the file goes. A fault of publishing is the answer. */
export async function closeOpen(
  house: SmbHouse,
  open: Open,
  wantsBasics: boolean,
): Promise<Outcome<FileBasics | undefined>> {
  const { node, room } = open;
  return house.alone(node.place, [node.path], async () => {
    if (open.deleteOnClose) {
      node.deletePending = true;
      house.endWatches(node);
    }
    open.watch?.end(ntStatus.notifyCleanup);
    node.locks.release(open);
    const others = [...node.opens].filter((one) => one !== open);
    const isLast = others.length === 0 && node.streams.size === 0;
    const publishes = mayWriteData(open) && !others.some(mayWriteData);
    const ended =
      isLast && node.deletePending ? await removeNode(house, node, room) : await settle(publishes || isLast);
    const told = wantsBasics && ended.ok && !node.deletePending ? await shownOf(open) : undefined;
    if (others.length === 0) await removeFileOf(house, open);
    house.remove(open);
    if (!ended.ok) return refusedFor(ended.fault);
    return done(told?.ok ? told.value.basics : undefined);
  });

  async function settle(publish: boolean) {
    return publish ? node.publish() : ok();
  }
}

/** The last stream of a file that waits to go lets it go. */
async function removeFileOf(house: SmbHouse, { node, room }: Open): Promise<void> {
  const file = node.base?.node;
  if (!file?.deletePending || file.opens.size > 0 || file.streams.size > 1 || !room.of) return;
  await house.alone(file.place, [file.path], () => removeNode(house, file, room.of!));
}

async function removeNode(house: SmbHouse, node: Node, room: Room) {
  const tag = node.base ? "" : await ownedTag(room, node);
  const wasNew = node.isNew;
  await node.discard();
  const removed = wasNew
    ? ok()
    : node.isFolder
      ? await room.files.removeFolder(node.path)
      : await room.files.removeFile(node.path);
  if (!removed.ok && removed.fault.code !== "not-found") return removed;
  house.folds.removed(node.place, parentOf(node.path), nameOf(node.path));
  if (tag !== "") await removeAttachments(room.shelf.files, tag);
  const what = node.isFolder ? notifyFilter.directoryName : notifyFilter.fileName;
  house.tellOf(node, notifyAction.removed, what);
  return ok();
}
