import { done, refused, type AskOf, type Outcome } from "../../proto/smb/ask.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { bytesChanged } from "./contend.ts";
import type { SmbHouse } from "./house.ts";
import { mayReadData, mayWriteData, type Open } from "./open.ts";
import { refusedFor } from "./status.ts";

/** The furthest that a file reaches: what a number counts exactly. */
const maxOffset = BigInt(Number.MAX_SAFE_INTEGER);

/** READ (MS-FSA §2.1.5.2). */
export async function readOpen(open: Open, ask: AskOf<"read">): Promise<Outcome<Uint8Array>> {
  const { node } = open;
  if (node.isFolder) return refused(ntStatus.invalidDeviceRequest);
  if (!mayReadData(open)) return refused(ntStatus.accessDenied);
  const { offset, length } = ask;
  if (offset > 0x7fff_ffff_ffff_ffffn) return refused(ntStatus.invalidParameter);
  if (!node.locks.allows(open, offset, BigInt(length), false)) return refused(ntStatus.fileLockConflict);
  if (offset > maxOffset) return refused(ntStatus.endOfFile);
  const read = await node.read(open.room.files, Number(offset), length);
  if (!read.ok) return refusedFor(read.fault);
  const bytes = read.value;
  if ((bytes.length === 0 && length > 0) || bytes.length < ask.minimum) return refused(ntStatus.endOfFile);
  open.position = offset + BigInt(bytes.length);
  return done(bytes);
}

/** WRITE (MS-FSA §2.1.5.3). */
export async function writeOpen(
  house: SmbHouse,
  open: Open,
  ask: AskOf<"write">,
): Promise<Outcome<{ count: number }>> {
  const { node, room } = open;
  if (node.isFolder) return refused(ntStatus.invalidDeviceRequest);
  if (!mayWriteData(open)) return refused(ntStatus.accessDenied);
  const { offset, data } = ask;
  const count = data.length; // before the store takes the bytes
  const end = offset + BigInt(count);
  if (end > maxOffset) return refused(ntStatus.invalidParameter);
  if (!node.locks.allows(open, offset, BigInt(count), true)) return refused(ntStatus.fileLockConflict);
  if (count === 0) return done({ count: 0 });
  bytesChanged(house.holds, node, open.hold);
  const written = await node.write(room.files, Number(offset), data);
  if (!written.ok) return refusedFor(written.fault);
  node.touched(fileTime(house.needs.clock.wall()));
  open.position = end;
  const flushed = ask.through ? await node.flush() : written;
  if (!flushed.ok) return refusedFor(flushed.fault);
  const what = notifyFilter.size | notifyFilter.lastWrite;
  house.tellOf(node, notifyAction.modified, what);
  return done({ count });
}

/** FLUSH (MS-FSA §2.1.5.7): what was written survives a power cut. */
export async function flushOpen(open: Open): Promise<Outcome<undefined>> {
  if (!open.node.isFolder && !mayWriteData(open)) return refused(ntStatus.accessDenied);
  const flushed = await open.node.flush();
  return flushed.ok ? done(undefined) : refusedFor(flushed.fault);
}
