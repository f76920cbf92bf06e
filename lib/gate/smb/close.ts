import { nameOf, parentOf } from "../../base/path.ts";
import { ok } from "../../base/result.ts";
import { done, type Outcome } from "../../proto/smb/ask.ts";
import type { FileBasics } from "../../proto/smb/create.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { basicsOf } from "./basics.ts";
import type { SmbHouse } from "./house.ts";
import { mayWriteData, type Open } from "./open.ts";
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
    const isLast = others.length === 0;
    const publishes = mayWriteData(open) && !others.some(mayWriteData);
    const ended =
      isLast && node.deletePending ? await removeNode(house, open) : await settle(publishes || isLast);
    const stat = wantsBasics && ended.ok && !node.deletePending ? await node.stat(room.files) : undefined;
    house.remove(open);
    if (!ended.ok) return refusedFor(ended.fault);
    return done(stat?.ok ? basicsOf(stat.value, node.known) : undefined);
  });

  async function settle(publish: boolean) {
    return publish ? node.publish() : ok();
  }
}

async function removeNode(house: SmbHouse, open: Open) {
  const { node, room } = open;
  const wasNew = node.isNew;
  await node.discard();
  const removed = wasNew
    ? ok()
    : node.isFolder
      ? await room.files.removeFolder(node.path)
      : await room.files.removeFile(node.path);
  if (!removed.ok && removed.fault.code !== "not-found") return removed;
  house.folds.removed(node.place, parentOf(node.path), nameOf(node.path));
  const what = node.isFolder ? notifyFilter.directoryName : notifyFilter.fileName;
  house.tell(node.place, [{ path: node.path, action: notifyAction.removed, what }]);
  return ok();
}
