import { parentOf, nameOf, type Path } from "../../base/path.ts";
import { ok } from "../../base/result.ts";
import { done, refused, type CreateFacts, type Outcome } from "../../proto/smb/ask.ts";
import {
  contextName,
  diskIdBytes,
  leaseBytes,
  maximalAccessBytes,
  type CreateContext,
} from "../../proto/smb/create-context.ts";
import {
  access,
  attribute,
  createAction,
  createOption,
  disposition,
  oplock,
  share,
  type CreateRequest,
} from "../../proto/smb/create.ts";
import { extendedAttributesIn, type ExtendedAttribute } from "../../proto/smb/extended-attributes.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { descriptorIn, type Descriptor } from "../../proto/smb/security-descriptor.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { allowedAccess, grantedAccess } from "./access.ts";
import { fileNumber, keptAttributes } from "./basics.ts";
import { appInstanceOf, type Caller } from "./caller.ts";
import { ChannelSequence } from "./channel-sequence.ts";
import { clearWay } from "./contend.ts";
import { grantDurable } from "./durable.ts";
import { keepAttributes } from "./extended-attributes.ts";
import { grantLease, grantOplock } from "./grant.ts";
import type { SmbHouse } from "./house.ts";
import { LockReplay } from "./lock-replay.ts";
import type { Node } from "./node.ts";
import { fileOf, mayWriteData, type Open, type Room } from "./open.ts";
import { type Found } from "./resolve.ts";
import { adoptRules, allowedByRules, allowedInFolder, rulesOfFolder } from "./security.ts";
import { shownOf, type Shown } from "./shown.ts";
import { refusedFor } from "./status.ts";

/** Somebody else must let go first. */
export interface Blocked {
  readonly wait: Promise<unknown>;
}

/** Opens what is there (MS-FSA §2.1.5.1.2). */
export async function openThere(
  caller: Caller,
  found: Extract<Found, { kind: "there" }>,
): Promise<Outcome<CreateFacts> | Blocked> {
  const { house, room, ask } = caller;
  const { request } = ask;
  const { stat, path } = found;
  const isFolder = stat.kind === "folder";
  if (found.node?.deletePending) return refused(ntStatus.deletePending);
  if (request.disposition === disposition.create) return refused(ntStatus.objectNameCollision);
  if (isFolder && (request.options & createOption.nonDirectory) !== 0)
    return refused(ntStatus.fileIsADirectory);
  if (!isFolder && (request.options & createOption.directory) !== 0) return refused(ntStatus.notADirectory);
  const replaces = request.disposition !== disposition.open && request.disposition !== disposition.openIf;
  if (replaces && isFolder) return refused(ntStatus.objectNameCollision);
  const node = house.nodeOf(room.place, path, isFolder, { base: caller.base });
  const told = await shownOf({ node, room });
  if (!told.ok) {
    house.forgetIfUnused(node);
    return refusedFor(told.fault);
  }
  const opened = await openNode(caller, node, told.value);
  if (!("ok" in opened) || !opened.ok) house.forgetIfUnused(node);
  return opened;
}

async function openNode(caller: Caller, node: Node, told: Shown): Promise<Outcome<CreateFacts> | Blocked> {
  const { house, room, ask } = caller;
  const { request } = ask;
  const { isFolder } = node;
  const { basics } = told;
  const replaces = request.disposition !== disposition.open && request.disposition !== disposition.openIf;
  const readOnly = (basics.attributes & attribute.readOnly) !== 0;
  const file = fileOf({ node, room });
  const rules = await allowedByRules(house, file.room, file.node, told.tag);
  if (!rules.ok) return refusedFor(rules.fault);
  const allowed = allowedAccess(room.share, !isFolder && readOnly) & rules.value;
  const granted = grantedAccess(request.access, allowed);
  if (granted === undefined) return refused(ntStatus.accessDenied);
  if (replaces && (rules.value & access.writeData) === 0) return refused(ntStatus.accessDenied);
  if (replaces && hides(basics.attributes, request.attributes)) return refused(ntStatus.accessDenied);
  if (replaces && readOnly) return refused(ntStatus.accessDenied);
  const removes = (request.options & createOption.deleteOnClose) !== 0;
  if (removes && readOnly) return refused(ntStatus.cannotDelete);
  const wanted = replaces ? granted | access.writeData : granted;
  const way = wayFor(caller, node, wanted, replaces);
  if (way instanceof Promise) return { wait: way };
  const ready = way === undefined ? await prepare(node, room, wanted, replaces) : refused(way);
  if (!ready.ok) return ready;
  if (replaces) noteEmptied(house, node, request.attributes);
  const open = addOpen(caller, node, granted);
  if (replaces) house.tellOf(node, notifyAction.modified, notifyFilter.size | notifyFilter.lastWrite);
  const action = !replaces
    ? createAction.opened
    : request.disposition === disposition.supersede
      ? createAction.superseded
      : createAction.overwritten;
  return answer(caller, open, action, allowed);
}

/** What is hidden or of the system is replaced only by whoever says so (MS-FSA §2.1.5.1.2.1). */
function hides(attributes: number, asked: number): boolean {
  const telling = attributes & (attribute.hidden | attribute.system);
  return (telling & ~asked) !== 0;
}

/** Opens the bytes where the handle may touch them, so that a refusal comes now and not later. */
async function prepare(node: Node, room: Room, granted: number, empty: boolean): Promise<Outcome<undefined>> {
  const touches = access.readData | access.execute | access.writeData | access.appendData;
  if (node.isFolder || (granted & touches) === 0) return done(undefined);
  const opened = await node.prepare(room.files, mayWriteData({ access: granted }));
  if (!opened.ok) return refusedFor(opened.fault);
  const emptied = empty ? await node.change(room.files, { size: 0 }) : ok();
  return emptied.ok ? done(undefined) : refusedFor(emptied.fault);
}

/** Makes a file, a folder or a stream (MS-FSA §2.1.5.1.1). */
export async function makeNew(caller: Caller, path: Path, parentTag: string): Promise<Outcome<CreateFacts>> {
  const { house, room, ask } = caller;
  const { request } = ask;
  if (caller.lease && house.holds.lease(caller.lease.name)) return refused(ntStatus.invalidParameter);
  const opens = request.disposition === disposition.open || request.disposition === disposition.overwrite;
  if (opens) return refused(ntStatus.objectNameNotFound);
  const isFolder = (request.options & createOption.directory) !== 0;
  const allowed = allowedAccess(room.share, false);
  const granted = grantedAccess(request.access, allowed);
  if (room.share.readOnly || granted === undefined) return refused(ntStatus.accessDenied);
  const removes = (request.options & createOption.deleteOnClose) !== 0;
  if (removes && (request.attributes & attribute.readOnly) !== 0) return refused(ntStatus.cannotDelete);
  const given = rulesGiven(request);
  const eas = attributesGiven(request);
  if (given === "malformed" || eas === undefined) return refused(ntStatus.invalidParameter);
  const parent = parentTag === "" ? ok(undefined) : await rulesOfFolder(house, room, parentOf(path));
  if (!parent.ok) return refusedFor(parent.fault);
  const needs = isFolder ? access.appendData : access.writeData;
  if ((allowedInFolder(house, room, parent.value) & needs) === 0) return refused(ntStatus.accessDenied);
  if (house.node(room.place, parentOf(path))?.deletePending) return refused(ntStatus.deletePending);
  const made = isFolder
    ? await room.files.makeFolder(path)
    : await room.files.open(path, { read: true, write: true, create: "new", truncate: false });
  if (!made.ok) {
    return made.fault.code === "not-found" ? refused(ntStatus.objectPathNotFound) : refusedFor(made.fault);
  }
  const origin = { made: made.value ?? undefined, base: caller.base };
  const node = house.nodeOf(room.place, path, isFolder, origin);
  await noteNew(house, room, node, request.attributes);
  const ruled = node.base ? ok() : await adoptRules(house, room, node, { given, parent: parent.value });
  if (!ruled.ok) return refusedFor(ruled.fault);
  const kept = node.base || !eas?.length ? done(undefined) : await keepAttributes(house, room, node, eas);
  if (!kept.ok) return kept;
  house.folds.added(room.place, parentOf(path), nameOf(path));
  const open = addOpen(caller, node, granted);
  const what = isFolder ? notifyFilter.directoryName : notifyFilter.fileName;
  house.tellOf(node, notifyAction.added, what);
  return answer(caller, open, createAction.created, allowed);
}

/** The descriptor that a request brings for what it makes (MS-SMB2 §2.2.13.2.2). */
function rulesGiven({ contexts }: CreateRequest): Descriptor | "malformed" | undefined {
  const given = contexts.find(({ name }) => name === contextName.security);
  return given && (descriptorIn(given.data) ?? "malformed");
}

/** The extended attributes that a request brings; undefined where they are malformed. */
function attributesGiven({ contexts }: CreateRequest): readonly ExtendedAttribute[] | undefined {
  const given = contexts.find(({ name }) => name === contextName.extendedAttributes);
  return given ? extendedAttributesIn(given.data) : [];
}

function noteEmptied(house: SmbHouse, node: Node, asked: number): void {
  node.learn({ attributes: keptAttributes(asked) | attribute.archive });
  node.touched(fileTime(house.needs.clock.wall()));
}

/** What is made gets its attributes and the moment of its birth, to the precision that clients compare. */
export async function noteNew(house: SmbHouse, room: Room, node: Node, asked: number): Promise<void> {
  const now = fileTime(house.needs.clock.wall());
  const attributes = keptAttributes(asked) | (node.isFolder ? 0 : attribute.archive);
  node.learn({ attributes, created: now, written: now, changed: now, accessed: now });
  if (node.isFolder) await node.keep(room.files);
}

function addOpen({ house, room, ask, tell, durable }: Caller, node: Node, granted: number): Open {
  const { request } = ask;
  const open: Open = {
    id: house.nextId(),
    session: ask.session,
    tree: ask.tree,
    room,
    node,
    access: granted,
    share: request.share,
    mode: request.options & 0x203a,
    deleteOnClose: (request.options & createOption.deleteOnClose) !== 0,
    position: 0n,
    listing: undefined,
    watch: undefined,
    hold: undefined,
    tell,
    away: undefined,
    durable: undefined,
    client: ask.clientGuid.toHex(),
    createGuid: durable.kind === "new" ? durable.createGuid : "",
    appInstance: appInstanceOf(ask),
    channel: new ChannelSequence(ask.sequence),
    lockReplay: new LockReplay(),
    answered: undefined,
    replayable: true,
  };
  house.add(open);
  return open;
}

/** Who has a stream open and does not share deletion keeps its file too (MS-FSA §2.1.4.12). */
const keepsFromDeletion = (stream: Node): boolean =>
  [...stream.opens].some((open) => (open.share & share.delete) === 0);

/** Whether others must let go first, or stand in the way for good. */
function wayFor(
  { house, ask, lease }: Caller,
  node: Node,
  wanted: number,
  replaces: boolean,
): Promise<unknown> | number | undefined {
  const known = lease && house.holds.lease(lease.name);
  if (known && known.node !== node) return ntStatus.invalidParameter;
  const deletes = (wanted & access.delete) !== 0;
  if (deletes && [...node.streams].some(keepsFromDeletion)) return ntStatus.sharingViolation;
  const comer = { access: wanted, share: ask.request.share, leaseName: lease?.name ?? "", replaces };
  return clearWay(house.holds, node, comer);
}

/** Oplock or lease of the new handle; the context that tells of a lease. */
function grant({ house, ask, lease }: Caller, open: Open): { level: number; context?: CreateContext } {
  if (!lease) return { level: grantOplock(open.node, open, ask.request.oplock) };
  if (open.node.isFolder) return { level: oplock.none };
  const granted = grantLease(house.holds, open.node, open, lease.asked, lease.name);
  return { level: oplock.lease, context: { name: contextName.lease, data: leaseBytes(granted) } };
}

async function answer(
  caller: Caller,
  open: Open,
  action: number,
  allowed: number,
): Promise<Outcome<CreateFacts>> {
  const { ask } = caller;
  const { level, context } = grant(caller, open);
  const told = await shownOf(open);
  if (!told.ok) return refusedFor(told.fault);
  const { basics, id } = told.value;
  const durable = grantDurable(caller.durable, open);
  const contexts = [context, durable].filter((one) => one !== undefined);
  for (const { name } of ask.request.contexts) {
    if (name === contextName.maximalAccess)
      contexts.push({ name, data: maximalAccessBytes(ntStatus.success, allowed) });
    if (name === contextName.diskId) contexts.push({ name, data: diskIdBytes(fileNumber(id), 0n) });
  }
  open.answered = { file: open.id, oplock: level, action, basics, contexts };
  return done(open.answered);
}
