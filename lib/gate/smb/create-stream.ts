import { nameOf, parentOf, type Path } from "../../base/path.ts";
import { done, refused, type CreateFacts, type Outcome } from "../../proto/smb/ask.ts";
import { createOption, disposition } from "../../proto/smb/create.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { allowedAccess, grantedAccess } from "./access.ts";
import { ownTag, tagOf } from "./attached.ts";
import { streamPath, streamsOf } from "./attachments.ts";
import type { Caller } from "./caller.ts";
import { makeNew, noteNew, openThere, type Blocked } from "./create-node.ts";
import { folded } from "./name.ts";
import type { Node } from "./node.ts";
import { streamRoom } from "./open.ts";
import { resolve } from "./resolve.ts";
import { refusedFor } from "./status.ts";

/** CREATE of "file:stream" (MS-FSA §2.1.5.1). A stream is a file of the shelf that stands in a relation to
 *  its file: share modes, locks and leases are its own. Whoever makes one makes its file as well. */
export async function openOrMakeStream(
  caller: Caller,
  typed: Path,
  name: string,
): Promise<Outcome<CreateFacts> | Blocked> {
  const { request } = caller.ask;
  if ((request.options & createOption.directory) !== 0) return refused(ntStatus.notADirectory);
  const file = await fileFor(caller, typed);
  if (!file.ok) return file;
  const node = file.value;
  const tried = await ofFile(caller, node, name);
  caller.house.forgetIfUnused(node);
  return tried;
}

const makes = ({ ask }: Caller): boolean =>
  ask.request.disposition !== disposition.open && ask.request.disposition !== disposition.overwrite;

/** The file itself, made where the request may make things. */
async function fileFor(caller: Caller, typed: Path): Promise<Outcome<Node>> {
  const { house, room, ask } = caller;
  const found = await resolve(house, room, typed);
  if (found.kind === "refused") return refused(found.status);
  if (found.kind === "there") {
    if (found.node?.deletePending) return refused(ntStatus.deletePending);
    return done(house.nodeOf(room.place, found.path, found.stat.kind === "folder"));
  }
  if (!makes(caller)) return refused(ntStatus.objectNameNotFound);
  const granted = grantedAccess(ask.request.access, allowedAccess(room.share, false));
  if (room.share.readOnly || granted === undefined) return refused(ntStatus.accessDenied);
  const how = { read: true, write: true, create: "new", truncate: false } as const;
  const made = await room.files.open(found.path, how);
  if (!made.ok) return refusedFor(made.fault);
  const node = house.nodeOf(room.place, found.path, false, { made: made.value });
  await noteNew(house, room, node, ask.request.attributes);
  const published = await node.publish();
  if (!published.ok) return refusedFor(published.fault);
  house.folds.added(room.place, parentOf(found.path), nameOf(found.path));
  house.tellOf(node, notifyAction.added, notifyFilter.fileName);
  return done(node);
}

async function ofFile(caller: Caller, node: Node, name: string): Promise<Outcome<CreateFacts> | Blocked> {
  const { house, room } = caller;
  const tag = await (makes(caller) && !room.share.readOnly ? ownTag(house, room, node) : tagOf(room, node));
  if (!tag.ok) return refusedFor(tag.fault);
  const there = await streamsOf(room.shelf.files, tag.value);
  if (!there.ok) return refusedFor(there.fault);
  const known = [...[...node.streams].map((one) => one.base!.name), ...there.value.map((row) => row.name)];
  const kept = known.find((one) => folded(one) === folded(name)) ?? name;
  const path = streamPath(tag.value, kept);
  if (!path.ok) return refusedFor(path.fault);
  const inner: Caller = { ...caller, room: streamRoom(room), base: { node, name: kept } };
  return house.alone(room.shelf.place, [path.value], async () => {
    const found = tag.value === "" ? undefined : await resolve(house, inner.room, path.value);
    if (found?.kind === "there") return openThere(inner, found);
    if (!makes(caller)) return refused(ntStatus.objectNameNotFound);
    return makeNew(inner, path.value, "");
  });
}
