import { isWithin, nameOf, parentOf, type Path } from "../../base/path.ts";
import { done, refused, type Outcome } from "../../proto/smb/ask.ts";
import { access, attribute, share } from "../../proto/smb/create.ts";
import { fileTime, freezeTime, keepTime, thawTime, type FileTime } from "../../proto/smb/filetime.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import type { SetFile } from "../../proto/smb/set-file.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { basicsOf, keptAttributes } from "./basics.ts";
import { bytesChanged, nameChanges } from "./contend.ts";
import { setAttributes } from "./extended-attributes.ts";
import type { SmbHouse } from "./house.ts";
import { parseName } from "./name.ts";
import type { FileNote } from "./note.ts";
import { fileOf, holds, mayWriteData, type Open } from "./open.ts";
import { resolve } from "./resolve.ts";
import { renameStream } from "./rename-stream.ts";
import { shownOf } from "./shown.ts";
import { conflicts } from "./share-mode.ts";
import { refusedFor } from "./status.ts";

/** SET_INFO about a file (MS-FSA §2.1.5.15). */
export async function setFile(house: SmbHouse, open: Open, change: SetFile): Promise<Outcome<undefined>> {
  switch (change.set) {
    case "basic":
      return setBasic(house, open, change);
    case "rename":
      return rename(house, open, change.name, change.replace);
    case "link":
      return refused(ntStatus.notSupported);
    case "disposition":
      return setDisposition(house, open, change.remove);
    case "position":
      open.position = change.at;
      return done(undefined);
    case "ea":
      return setAttributes(house, open, change.attributes);
    case "mode":
      return done(undefined);
    case "allocation":
      return setSize(house, open, change.bytes, true);
    case "end":
    default:
      return setSize(house, open, change.bytes, false);
  }
}

async function setBasic(
  house: SmbHouse,
  open: Open,
  change: Extract<SetFile, { set: "basic" }>,
): Promise<Outcome<undefined>> {
  const { node, room } = fileOf(open);
  if (!holds(open, access.writeAttributes)) return refused(ntStatus.accessDenied);
  const { attributes } = change;
  if (!node.isFolder && (attributes & attribute.directory) !== 0) return refused(ntStatus.invalidParameter);
  if (node.isFolder && (attributes & attribute.temporary) !== 0) return refused(ntStatus.invalidParameter);
  const given = (time: FileTime): FileTime | undefined =>
    time === keepTime || time === freezeTime || time === thawTime ? undefined : time;
  const set: FileNote = {
    created: given(change.created),
    accessed: given(change.accessed),
    written: given(change.written),
    changed: given(change.changed),
    attributes: attributes === 0 ? undefined : keptAttributes(attributes),
  };
  if (set.written !== undefined || change.written === freezeTime) node.keepsWritten = true;
  if (change.written === thawTime) node.keepsWritten = false;
  const names = Object.keys(set).filter((name) => set[name as keyof FileNote] !== undefined);
  if (names.length === 0) return done(undefined);
  const now = fileTime(house.needs.clock.wall());
  node.learn({ changed: now, ...Object.fromEntries(names.map((n) => [n, set[n as keyof FileNote]])) });
  const kept = await node.keep(room.files);
  if (!kept.ok) return refusedFor(kept.fault);
  const what = (attributes === 0 ? 0 : notifyFilter.attributes) | timeFilter(names);
  house.tellOf(node, notifyAction.modified, what);
  return done(undefined);
}

const timeFilter = (names: readonly string[]): number =>
  (names.includes("written") ? notifyFilter.lastWrite : 0) |
  (names.includes("accessed") ? notifyFilter.lastAccess : 0) |
  (names.includes("created") ? notifyFilter.creation : 0);

async function setSize(
  house: SmbHouse,
  open: Open,
  bytes: bigint,
  isAllocation: boolean,
): Promise<Outcome<undefined>> {
  const { node, room } = open;
  if (node.isFolder) return refused(ntStatus.invalidParameter);
  if (!mayWriteData(open)) return refused(ntStatus.accessDenied);
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) return refused(ntStatus.invalidParameter);
  const size = Number(bytes);
  bytesChanged(house.holds, node, open.hold);
  const stat = await node.stat(room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  if (isAllocation && stat.value.size <= size) return done(undefined);
  const set = stat.value.size === size ? stat : await node.change(room.files, { size });
  if (!set.ok) return refusedFor(set.fault);
  node.touched(fileTime(house.needs.clock.wall()));
  house.tellOf(node, notifyAction.modified, notifyFilter.size);
  return done(undefined);
}

async function setDisposition(house: SmbHouse, open: Open, remove: boolean): Promise<Outcome<undefined>> {
  const { node } = open;
  if (!holds(open, access.delete)) return refused(ntStatus.accessDenied);
  if (!remove) {
    node.deletePending = false;
    open.deleteOnClose = false;
    return done(undefined);
  }
  const told = await shownOf(open);
  if (!told.ok) return refusedFor(told.fault);
  if ((told.value.basics.attributes & attribute.readOnly) !== 0) return refused(ntStatus.cannotDelete);
  if (node.path.length === 0) return refused(ntStatus.accessDenied);
  if (node.isFolder && !(await isEmpty(house, open))) return refused(ntStatus.directoryNotEmpty);
  node.deletePending = true;
  house.endWatches(node);
  return done(undefined);
}

async function isEmpty(house: SmbHouse, { node, room }: Open): Promise<boolean> {
  const page = await room.files.list(node.path, "", 1);
  return page.ok && page.value.rows.length === 0 && house.newIn(room.place, node.path).length === 0;
}

/** MS-FSA §2.1.5.15.11. */
async function rename(
  house: SmbHouse,
  open: Open,
  to: string,
  replace: boolean,
): Promise<Outcome<undefined>> {
  const { node, room } = open;
  if (!holds(open, access.delete)) return refused(ntStatus.accessDenied);
  const named = parseName(to);
  if (!named.ok) return refused(named.status);
  const { path, stream } = named.name;
  if (node.base || stream !== undefined) return renameStream(house, open, to, replace);
  if (path.length === 0 || node.path.length === 0) return refused(ntStatus.invalidParameter);
  await nameChanges(house.holds, node, open.hold);
  return house.alone(node.place, [node.path, path], async () => {
    const target = await targetOf(house, open, path, replace);
    if (!target.ok) return target;
    const from = node.path;
    const blocked = renameBlocked(house, open, target.value);
    if (blocked !== undefined) return refused(blocked);
    const moved = await node.settled(() => room.files.rename(from, target.value, replace));
    if (!moved.ok) return refusedFor(moved.fault);
    house.moved(node, target.value);
    house.folds.removed(node.place, parentOf(from), nameOf(from));
    house.folds.added(node.place, parentOf(target.value), nameOf(target.value));
    tellRenamed(house, open, from, target.value);
    return done(undefined);
  });
}

/** Anything open beneath a folder, or a handle on the new parent that a name cannot be put in beside. */
function renameBlocked(house: SmbHouse, { node }: Open, to: Path): number | undefined {
  if (node.isFolder && house.beneath(node.place, node.path).length > 0) return ntStatus.accessDenied;
  const adding = { access: access.writeData, share: share.read | share.write };
  const parent = house.node(node.place, parentOf(to));
  const rival = [...(parent?.opens ?? [])].some((one) => conflicts(one, adding));
  return rival ? ntStatus.sharingViolation : undefined;
}

async function targetOf(house: SmbHouse, open: Open, path: Path, replace: boolean): Promise<Outcome<Path>> {
  const { node, room } = open;
  if (node.isFolder && isWithin(path, node.path) && path.length > node.path.length)
    return refused(ntStatus.invalidParameter);
  const found = await resolve(house, room, path);
  if (found.kind === "refused") return refused(found.status);
  if (found.kind === "free") return done(found.path);
  const isItself = found.path.length === node.path.length && isWithin(found.path, node.path);
  if (isItself) return done([...parentOf(found.path), nameOf(path)]); // the case alone changes
  if (!replace) return refused(ntStatus.objectNameCollision);
  if (found.stat.kind === "folder") return refused(ntStatus.accessDenied);
  if (found.node && found.node.opens.size > 0) return refused(ntStatus.accessDenied);
  if ((basicsOf(found.stat).attributes & attribute.readOnly) !== 0) return refused(ntStatus.accessDenied);
  return done(found.path);
}

function tellRenamed(house: SmbHouse, { node }: Open, from: Path, to: Path): void {
  const what = node.isFolder ? notifyFilter.directoryName : notifyFilter.fileName;
  const together = from.length === to.length && isWithin(to, parentOf(from));
  const [gone, came] = together
    ? [notifyAction.renamedFrom, notifyAction.renamedTo]
    : [notifyAction.removed, notifyAction.added];
  house.tell(node.place, [
    { path: from, action: gone, what },
    { path: to, action: came, what },
  ]);
}
