import { empty } from "../../base/bytes.ts";
import { isWithin, parentOf, nameOf, type Path } from "../../base/path.ts";
import { ok } from "../../base/result.ts";
import {
  done,
  refused,
  type AskOf,
  type CreateFacts,
  type GateEvent,
  type Outcome,
} from "../../proto/smb/ask.ts";
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
  type CreateRequest,
} from "../../proto/smb/create.ts";
import { appInstanceIn, durableAsk } from "../../proto/smb/durable-context.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { allowedAccess, grantedAccess } from "./access.ts";
import { basicsOf, fileNumber, keptAttributes } from "./basics.ts";
import { leaseAsked, type Caller } from "./caller.ts";
import { ChannelSequence } from "./channel-sequence.ts";
import { closeOpen } from "./close.ts";
import { clearWay } from "./contend.ts";
import { grantDurable } from "./durable.ts";
import { grantLease, grantOplock } from "./grant.ts";
import type { SmbHouse } from "./house.ts";
import { LockReplay } from "./lock-replay.ts";
import { parseName } from "./name.ts";
import type { Node } from "./node.ts";
import { mayWriteData, type Open, type Room } from "./open.ts";
import { reconnect, replayed } from "./reconnect.ts";
import { resolve, type Found } from "./resolve.ts";
import { refusedFor } from "./status.ts";

const badImpersonation = 0xc00000a5;

/** CREATE on a share of files (MS-SMB2 §3.3.5.9, MS-FSA §2.1.5.1). */
export async function createFile(
  house: SmbHouse,
  room: Room,
  ask: AskOf<"create">,
  tell: (event: GateEvent) => void,
): Promise<Outcome<CreateFacts>> {
  const named = parseName(ask.request.name);
  if (!named.ok) return refused(named.status);
  const { path, stream } = named.name;
  const durable = durableAsk(ask.request.contexts, ask.dialect);
  if (!durable) return refused(ntStatus.invalidParameter);
  const caller: Caller = { house, room, ask, tell, lease: leaseAsked(ask, durable), durable };
  if (durable.kind === "again") return reconnect(caller, path, durable);
  const refusal = requestRefusal(ask.request);
  if (refusal !== undefined) return refused(refusal);
  if (stream !== undefined) return refused(ntStatus.objectNameNotFound);
  if (house.isFull) return refused(ntStatus.tooManyOpenedFiles);
  if (durable.kind === "none" || durable.createGuid === "") return openOrMake(caller, path);
  const client = ask.clientGuid.toHex();
  const before = replayed(caller, durable);
  if (before) return before;
  house.creating(client, durable.createGuid);
  try {
    return await openOrMake(caller, path);
  } finally {
    house.notCreated(client, durable.createGuid);
  }
}

/** Opens or makes the file as soon as nobody stands in the way. */
async function openOrMake(caller: Caller, path: Path): Promise<Outcome<CreateFacts>> {
  const { house, room, ask } = caller;
  await closeEarlierInstances(caller, path);
  for (;;) {
    const tried = await house.alone(room.place, [path], async () => {
      const found = await resolve(house, room, path);
      if (found.kind === "refused") return refused(found.status);
      return found.kind === "there" ? openThere(caller, found) : makeNew(caller, found.path);
    });
    if ("ok" in tried) return tried;
    await Promise.race([tried.wait, untilAborted(ask.signal)]);
    if (ask.signal.aborted) return refused(ntStatus.cancelled);
  }
}

const appInstanceOf = ({ request }: AskOf<"create">): string =>
  appInstanceIn(request.contexts.find(({ name }) => name === contextName.appInstance)?.data ?? empty) ?? "";

/** A program that fails over to another host takes its files with it (MS-SMB2 §3.3.5.9.13). */
async function closeEarlierInstances({ house, room, ask }: Caller, path: Path): Promise<void> {
  const instance = appInstanceOf(ask);
  if (instance === "") return;
  const client = ask.clientGuid.toHex();
  const earlier = house.opens(
    (open) =>
      open.appInstance === instance &&
      open.client !== client &&
      open.room.place === room.place &&
      open.room.user.id === room.user.id &&
      isWithin(open.node.path, path) &&
      open.node.path.length === path.length,
  );
  await Promise.all(earlier.map((open) => closeOpen(house, open, false)));
}

/** Somebody else must let go first. */
interface Blocked {
  readonly wait: Promise<unknown>;
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((yes) => {
    if (signal.aborted) yes();
    else signal.addEventListener("abort", () => yes(), { once: true });
  });

/** What is wrong whatever the name is. */
function requestRefusal(request: CreateRequest): number | undefined {
  const { options, access: wanted, disposition: how } = request;
  if (request.impersonation > 3) return badImpersonation;
  const option = (bit: number): boolean => (options & bit) !== 0;
  if (how > disposition.overwriteIf) return ntStatus.invalidParameter;
  if (option(createOption.directory) && option(createOption.nonDirectory)) return ntStatus.invalidParameter;
  const replaces =
    how === disposition.overwrite || how === disposition.overwriteIf || how === disposition.supersede;
  if (option(createOption.directory) && replaces) return ntStatus.invalidParameter;
  if (option(createOption.byFileId)) return ntStatus.notSupported;
  if (wanted === 0) return ntStatus.accessDenied;
  const removes = access.delete | access.genericAll | access.maximumAllowed;
  if (option(createOption.deleteOnClose) && (wanted & removes) === 0) return ntStatus.accessDenied;
  if ((request.share & ~7) !== 0) return ntStatus.invalidParameter;
  return undefined;
}

async function openThere(
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
  const basics = basicsOf(stat, found.node?.known);
  const readOnly = (basics.attributes & attribute.readOnly) !== 0;
  const allowed = allowedAccess(room.share, !isFolder && readOnly);
  const granted = grantedAccess(request.access, allowed);
  if (granted === undefined) return refused(ntStatus.accessDenied);
  if (replaces && hides(basics.attributes, request.attributes)) return refused(ntStatus.accessDenied);
  if (replaces && readOnly) return refused(ntStatus.accessDenied);
  const removes = (request.options & createOption.deleteOnClose) !== 0;
  if (removes && readOnly) return refused(ntStatus.cannotDelete);
  const node = house.nodeOf(room.place, path, isFolder);
  const wanted = replaces ? granted | access.writeData : granted;
  const way = wayFor(caller, node, wanted, replaces);
  if (way instanceof Promise) return { wait: way };
  const ready = way === undefined ? await prepare(node, room, wanted, replaces) : refused(way);
  if (!ready.ok) {
    house.forgetIfUnused(node);
    return ready;
  }
  if (replaces) noteEmptied(house, node, request.attributes);
  const open = addOpen(caller, node, granted);
  if (replaces)
    tellChanged(house, node.place, path, notifyAction.modified, notifyFilter.size | notifyFilter.lastWrite);
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

async function makeNew(caller: Caller, path: Path): Promise<Outcome<CreateFacts>> {
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
  if (house.node(room.place, parentOf(path))?.deletePending) return refused(ntStatus.deletePending);
  const made = isFolder
    ? await room.files.makeFolder(path)
    : await room.files.open(path, { read: true, write: true, create: "new", truncate: false });
  if (!made.ok) {
    return made.fault.code === "not-found" ? refused(ntStatus.objectPathNotFound) : refusedFor(made.fault);
  }
  const node = house.nodeOf(room.place, path, isFolder, made.value ?? undefined);
  await noteNew(house, room, node, request.attributes);
  house.folds.added(room.place, parentOf(path), nameOf(path));
  const open = addOpen(caller, node, granted);
  const what = isFolder ? notifyFilter.directoryName : notifyFilter.fileName;
  tellChanged(house, node.place, path, notifyAction.added, what);
  return answer(caller, open, createAction.created, allowed);
}

function noteEmptied(house: SmbHouse, node: Node, asked: number): void {
  node.learn({ attributes: keptAttributes(asked) | attribute.archive });
  node.touched(fileTime(house.needs.clock.wall()));
}

/** What is made gets its attributes and the moment of its birth, to the precision that clients compare. */
async function noteNew(house: SmbHouse, room: Room, node: Node, asked: number): Promise<void> {
  const now = fileTime(house.needs.clock.wall());
  const attributes = keptAttributes(asked) | (node.isFolder ? 0 : attribute.archive);
  node.learn({ attributes, created: now, written: now, changed: now, accessed: now });
  if (node.isFolder) await node.keep(room.files);
}

function tellChanged(house: SmbHouse, place: string, path: Path, action: number, what: number): void {
  house.tell(place, [{ path, action, what }]);
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

/** Whether others must let go first, or stand in the way for good. */
function wayFor(
  { house, ask, lease }: Caller,
  node: Node,
  wanted: number,
  replaces: boolean,
): Promise<unknown> | number | undefined {
  const known = lease && house.holds.lease(lease.name);
  if (known && known.node !== node) return ntStatus.invalidParameter;
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
  const stat = await open.node.stat(open.room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  const basics = basicsOf(stat.value, open.node.known);
  const durable = grantDurable(caller.durable, open);
  const contexts = [context, durable].filter((one) => one !== undefined);
  for (const { name } of ask.request.contexts) {
    if (name === contextName.maximalAccess)
      contexts.push({ name, data: maximalAccessBytes(ntStatus.success, allowed) });
    if (name === contextName.diskId)
      contexts.push({ name, data: diskIdBytes(fileNumber(stat.value.id), 0n) });
  }
  open.answered = { file: open.id, oplock: level, action, basics, contexts };
  return done(open.answered);
}
