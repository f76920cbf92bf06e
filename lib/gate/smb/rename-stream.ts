import { done, refused, type Outcome } from "../../proto/smb/ask.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { streamPath } from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import { folded, parseName } from "./name.ts";
import type { Open } from "./open.ts";
import { refusedFor } from "./status.ts";

/** A stream is renamed to ":name" beside it (MS-FSA §2.1.5.15.11); between a file's own bytes and a stream
 *  nothing moves. */
export async function renameStream(
  house: SmbHouse,
  open: Open,
  to: string,
  replace: boolean,
): Promise<Outcome<undefined>> {
  const { node, room } = open;
  const { base } = node;
  const named = parseName(to);
  if (!base || !named.ok || !to.startsWith(":") || named.name.stream === undefined)
    return refused(ntStatus.objectNameInvalid);
  const target = streamPath(node.path.at(-2) ?? "", named.name.stream);
  if (!target.ok) return refusedFor(target.fault);
  const isItself = folded(target.value.join("/")) === folded(node.path.join("/"));
  return house.alone(node.place, [node.path, target.value], async () => {
    if (!isItself && house.node(node.place, target.value)) return refused(ntStatus.accessDenied);
    const moved = await node.settled(() => room.files.rename(node.path, target.value, replace || isItself));
    if (!moved.ok) return refusedFor(moved.fault);
    house.moved(node, target.value);
    base.name = named.name.stream!;
    return done(undefined);
  });
}
