import { asUnixMs } from "../../base/time.ts";
import { done, refused, type Outcome } from "../../proto/smb/ask.ts";
import { contextName } from "../../proto/smb/create-context.ts";
import type { CreateRequest } from "../../proto/smb/create.ts";
import { unixMs } from "../../proto/smb/filetime.ts";
import { snapshotListBytes, timewarpIn, tokenOfMoment } from "../../proto/smb/snapshots.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import type { SmbName } from "./name.ts";
import { fileOf, type Open, type Room } from "./open.ts";
import { refusedFor } from "./status.ts";

/** The moment that a CREATE means: by its context, or by an "@GMT-…" in its path. */
export function momentAsked({ contexts }: CreateRequest, { moment }: SmbName): number | undefined {
  const context = contexts.find(({ name }) => name === contextName.timewarp);
  const time = context && timewarpIn(context.data);
  return time === undefined || time === 0n ? moment : Math.floor(unixMs(time) / 1000) * 1000;
}

/** The share as it was then: nobody writes there. */
export async function pastRoom(room: Room, moment: number): Promise<Outcome<Room>> {
  const past = await room.past?.at(asUnixMs(moment));
  if (!past) return refused(ntStatus.objectNameNotFound);
  if (!past.ok) return refusedFor(past.fault);
  const then = (place: string): string => `${place}@${moment}`;
  return done({
    ...room,
    files: past.value.files,
    place: then(room.place),
    shelf: { ...room.shelf, files: past.value.shelf, place: then(room.shelf.place) },
    share: { ...room.share, readOnly: true },
  });
}

/** FSCTL_SRV_ENUMERATE_SNAPSHOTS (MS-SMB2 §3.3.5.15.1): the moments at which the file was another. */
export async function enumerateSnapshots(open: Open, roomBytes: number): Promise<Outcome<Uint8Array>> {
  const { room, node } = fileOf(open);
  if (!room.past) return refused(ntStatus.invalidDeviceRequest);
  if (roomBytes < 16) return refused(ntStatus.invalidParameter);
  const moments = await room.past.moments(node.path, node.isFolder);
  if (!moments.ok) return refusedFor(moments.fault);
  const newestFirst = moments.value.toReversed();
  return done(snapshotListBytes(newestFirst.map(tokenOfMoment), roomBytes));
}
