import { parsePath } from "../../base/path.ts";
import { handleRecordsBytes, handleRecordsIn, type HandleRecord } from "../../proto/smb/handle-record.ts";
import type { FileStat } from "../../store/files.ts";
import { setAway } from "./away.ts";
import { ChannelSequence } from "./channel-sequence.ts";
import { closeOpen } from "./close.ts";
import { Hold } from "./hold.ts";
import type { SmbHouse } from "./house.ts";
import { LockReplay } from "./lock-replay.ts";
import type { Node } from "./node.ts";
import type { Open, Room } from "./open.ts";

/** The daemon stops, and every connection is gone: what durable handles need to be found again by their
 *  clients. Each has its bytes in the store under its name; one that has not is closed, and so are
 *  streams. */
export async function journalOfHandles(house: SmbHouse): Promise<Uint8Array> {
  const records: HandleRecord[] = [];
  for (const open of house.awayOpens()) {
    open.away?.stop();
    const published = open.node.isNew || open.node.base ? undefined : await open.node.publish();
    const stat = published?.ok ? await open.room.files.stat(open.node.path) : undefined;
    if (stat?.ok) records.push(recordOf(open, stat.value));
    else await closeOpen(house, open, false);
  }
  return handleRecordsBytes(records);
}

function recordOf(open: Open, stat: FileStat): HandleRecord {
  const { node, room, hold, durable } = open;
  const { access, share: shared, mode, deleteOnClose, position } = open;
  const { client, createGuid, appInstance } = open;
  const lease = hold?.leaseKey && { key: hold.leaseKey.toHex(), version: hold.version, epoch: hold.epoch };
  return {
    persistent: open.id.persistent,
    user: room.user.name,
    share: room.share.name,
    path: node.path.join("/"),
    access,
    shared,
    mode,
    deleteOnClose,
    position,
    durable: durable!,
    client,
    createGuid,
    appInstance,
    held: hold?.state ?? 0,
    lease,
    locks: node.locks.of(open),
    file: markOf(stat),
  };
}

const markOf = (stat: FileStat): HandleRecord["file"] => ({
  id: stat.id,
  bytes: BigInt(stat.size),
  modifiedMicros: BigInt(Math.round(stat.modifiedAt * 1000)),
});

/** The daemon starts: handles wait for their clients as before. Those whose file has changed since, or whose
 *  user may not reach it any more, are forgotten. How many there are. */
export async function restoreHandles(house: SmbHouse, journal: Uint8Array, address: string): Promise<number> {
  let restored = 0;
  for (const record of handleRecordsIn(journal) ?? []) {
    const room = await roomOf(house, record, address);
    const path = parsePath(record.path);
    const stat = room && path.ok ? await room.files.stat(path.value) : undefined;
    if (!room || !path.ok || !stat?.ok || !isSame(stat.value, record)) continue;
    const node = house.nodeOf(room.place, path.value, stat.value.kind === "folder");
    if (putBack(house, room, node, record)) restored++;
    else house.forgetIfUnused(node);
  }
  return restored;
}

function isSame(stat: FileStat, { file }: HandleRecord): boolean {
  const now = markOf(stat);
  return now.id === file.id && now.bytes === file.bytes && now.modifiedMicros === file.modifiedMicros;
}

async function roomOf(
  { needs }: SmbHouse,
  { user: name, share: shareName }: HandleRecord,
  address: string,
): Promise<Room | undefined> {
  const known = await needs.ntHash(name);
  if (!known.ok) return undefined;
  const { user } = known.value;
  const share = (await needs.shares(user)).find((one) => one.name === shareName);
  const files = share && (await needs.files(user, share, address));
  return share && files?.ok ? { share, user, ...files.value } : undefined;
}

function putBack(house: SmbHouse, room: Room, node: Node, record: HandleRecord): boolean {
  const { persistent, shared, locks, ...kept } = record;
  const open: Open = {
    ...kept,
    id: house.idAgain(persistent),
    session: 0n,
    tree: 0,
    room,
    node,
    share: shared,
    listing: undefined,
    watch: undefined,
    hold: undefined,
    away: undefined,
    answered: undefined,
    replayable: false,
    channel: new ChannelSequence(0),
    lockReplay: new LockReplay(),
    tell: () => {},
  };
  if (!node.locks.takeAgain(open, locks)) return false;
  house.add(open);
  holdAgain(house, node, open, record);
  setAway(house, open, record.durable.timeoutMs);
  return true;
}

/** Its oplock, or the lease that it shares with the other handles of its key. */
function holdAgain(house: SmbHouse, node: Node, open: Open, { held, lease, client }: HandleRecord): void {
  const name = lease ? client + lease.key : "";
  const known = lease && house.holds.lease(name)?.hold;
  const hold = known ?? new Hold(held, lease && { ...lease, key: Uint8Array.fromHex(lease.key), name });
  if (lease && !known) house.holds.addLease(hold, node);
  node.holds.add(hold);
  hold.opens.add(open);
  open.hold = hold;
}
