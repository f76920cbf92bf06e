import { done, refused, type Outcome } from "../../proto/smb/ask.ts";
import { access } from "../../proto/smb/create.ts";
import type { FileFacts, StreamFacts } from "../../proto/smb/file-info.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import type { VolumeFacts } from "../../proto/smb/volume-info.ts";
import { asUnixMs } from "../../base/time.ts";
import { tagOf } from "./attached.ts";
import { streamsOf } from "./attachments.ts";
import { eaBytesOf } from "./extended-attributes.ts";
import { allocationOf, fileNumber } from "./basics.ts";
import { nameText } from "./name.ts";
import { fileOf, holds, type Open } from "./open.ts";
import { shownOf } from "./shown.ts";
import { refusedFor } from "./status.ts";

/** Classes that tell attributes and times: basic, all, network open, attribute tag. */
const needsAttributes = new Set([4, 18, 34, 35]);

/** QUERY_INFO about a file (MS-FSA §2.1.5.12). */
export async function queryFile(open: Open, infoClass: number): Promise<Outcome<FileFacts>> {
  const { node } = open;
  if (needsAttributes.has(infoClass) && !holds(open, access.readAttributes))
    return refused(ntStatus.accessDenied);
  const told = await shownOf(open);
  if (!told.ok) return refusedFor(told.fault);
  return done({
    basics: told.value.basics,
    links: node.deletePending ? 0 : 1,
    deletePending: node.deletePending,
    directory: node.isFolder,
    fileId: fileNumber(told.value.id),
    volumeId: volumeNumber(open),
    eaBytes: await eaBytesOf(fileOf(open).room, told.value.tag),
    access: open.access,
    position: open.position,
    mode: open.mode,
    name: nameText(fileOf(open).node.path) + (node.base ? `:${node.base.name}` : ""),
  });
}

export async function queryStreams(open: Open): Promise<Outcome<readonly StreamFacts[]>> {
  const file = fileOf(open);
  const stat = await file.node.stat(file.room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  const main = file.node.isFolder ? [] : [{ name: "", size: stat.value.size }];
  const tag = await tagOf(file.room, file.node);
  const named = tag.ok && tag.value !== "" ? await streamsOf(file.room.shelf.files, tag.value) : undefined;
  const rows = new Map((named?.ok ? named.value : []).map((row) => [row.name, row]));
  for (const stream of file.node.streams) {
    const now = await stream.stat(file.room.shelf.files);
    if (now.ok) rows.set(stream.base!.name, { name: stream.base!.name, size: now.value.size });
  }
  return done(
    [...main, ...rows.values()].map(({ name, size }) => ({
      name,
      size: BigInt(size),
      allocation: allocationOf(size),
    })),
  );
}

/** QUERY_INFO about the volume: free space is the least of disk and quotas. */
export async function queryVolume(open: Open): Promise<Outcome<VolumeFacts>> {
  const space = await fileOf(open).room.files.space();
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

const volumeNumber = (open: Open): bigint => fileNumber(`volume ${fileOf(open).room.place}`);
