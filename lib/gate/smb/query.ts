import { done, refused, type AskOf, type Outcome } from "../../proto/smb/ask.ts";
import { access } from "../../proto/smb/create.ts";
import type { FileFacts, StreamFacts } from "../../proto/smb/file-info.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import type { VolumeFacts } from "../../proto/smb/volume-info.ts";
import { asUnixMs } from "../../base/time.ts";
import { allocationOf, basicsOf, fileNumber } from "./basics.ts";
import { nameText } from "./name.ts";
import { holds, type Open } from "./open.ts";
import { everyoneDescriptor } from "./security.ts";
import { refusedFor } from "./status.ts";

const eaClass = 15;
/** Classes that tell attributes and times: basic, all, network open, attribute tag. */
const needsAttributes = new Set([4, 18, 34, 35]);

/** QUERY_INFO about a file (MS-FSA §2.1.5.12). */
export async function queryFile(open: Open, infoClass: number): Promise<Outcome<FileFacts>> {
  const { node, room } = open;
  if (needsAttributes.has(infoClass) && !holds(open, access.readAttributes))
    return refused(ntStatus.accessDenied);
  if (infoClass === eaClass && !holds(open, access.readEa)) return refused(ntStatus.accessDenied);
  const stat = await node.stat(room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  return done({
    basics: basicsOf(stat.value, node.known),
    links: node.deletePending ? 0 : 1,
    deletePending: node.deletePending,
    directory: node.isFolder,
    fileId: fileNumber(stat.value.id),
    volumeId: volumeNumber(open),
    eaBytes: 0,
    access: open.access,
    position: open.position,
    mode: open.mode,
    name: nameText(node.path),
  });
}

export async function queryStreams(open: Open): Promise<Outcome<readonly StreamFacts[]>> {
  if (open.node.isFolder) return done([]);
  const stat = await open.node.stat(open.room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  const { size } = stat.value;
  return done([{ name: "", size: BigInt(size), allocation: allocationOf(size) }]);
}

/** QUERY_INFO about the volume: free space is the least of disk and quotas. */
export async function queryVolume(open: Open): Promise<Outcome<VolumeFacts>> {
  const space = await open.room.files.space();
  if (!space.ok) return refusedFor(space.fault);
  const number = volumeNumber(open);
  const objectId = new Uint8Array(16);
  new DataView(objectId.buffer).setBigUint64(0, number, true);
  return done({
    created: fileTime(asUnixMs(0)),
    serial: Number(number & 0xffff_ffffn),
    label: open.room.share.name,
    totalBytes: space.value.total,
    freeBytes: space.value.free,
    readOnly: open.room.share.readOnly,
    objectId,
  });
}

const volumeNumber = (open: Open): bigint => fileNumber(`volume ${open.room.place}`);

export async function querySecurity(open: Open, ask: AskOf<"query-security">): Promise<Outcome<Uint8Array>> {
  if (!holds(open, access.readControl)) return refused(ntStatus.accessDenied);
  return done(everyoneDescriptor(ask.parts, open.room.share.readOnly));
}
