import { empty, equalBytes } from "../../base/bytes.ts";
import { done, refused, type AskOf, type Outcome } from "../../proto/smb/ask.ts";
import {
  copiedBytes,
  copyChunksIn,
  copyLimits,
  fileOfKey,
  objectIdBytes,
  rangeBytes,
  rangeIn,
  resumeKey,
  resumeKeyBytes,
  type Chunk,
} from "../../proto/smb/copy-chunk.ts";
import { access } from "../../proto/smb/create.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import { fsctl } from "../../proto/smb/ioctl.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { fileNumber } from "./basics.ts";
import { bytesChanged } from "./contend.ts";
import { enumerateSnapshots } from "./previous-versions.ts";
import { requestResiliency } from "./durable.ts";
import type { SmbHouse } from "./house.ts";
import { fileOf, holds, mayReadData, mayWriteData, type Open } from "./open.ts";
import { shownOf } from "./shown.ts";
import { refusedFor, statusFor } from "./status.ts";

/** IOCTL about an open file (MS-SMB2 §3.3.5.15, MS-FSA §2.1.5.10). */
export async function controlOpen(
  house: SmbHouse,
  open: Open,
  ask: AskOf<"control">,
): Promise<Outcome<Uint8Array>> {
  switch (ask.code) {
    case fsctl.requestResumeKey:
      if (ask.maxOutput < 32) return refused(ntStatus.invalidParameter);
      return done(resumeKeyBytes(resumeKey(open.id.volatile, house.copySecret)));
    case fsctl.copyChunk:
    case fsctl.copyChunkWrite:
      return copyChunks(house, open, ask);
    case fsctl.createOrGetObjectId:
      return objectId(open);
    case fsctl.enumerateSnapshots:
      return enumerateSnapshots(open, ask.maxOutput);
    case fsctl.requestResiliency: {
      const status = requestResiliency(open, ask.input);
      return status === ntStatus.success ? done(empty) : refused(status);
    }
    case fsctl.setZeroData:
      return setZeroData(house, open, ask.input);
    case fsctl.getCompression:
      return done(new Uint8Array(2)); // none
    case fsctl.setCompression:
      return setCompression(open, ask.input);
    case fsctl.queryAllocatedRanges:
      return allocatedRanges(open, ask);
    default:
      return refused(ntStatus.invalidDeviceRequest);
  }
}

/** Files are kept compressed or not as the house decides: only "none" can be promised. */
function setCompression(open: Open, input: Uint8Array): Outcome<Uint8Array> {
  if (input.length < 2) return refused(ntStatus.invalidParameter);
  if (!mayWriteData(open)) return refused(ntStatus.accessDenied);
  return input[0] === 0 && input[1] === 0 ? done(empty) : refused(ntStatus.notSupported);
}

async function objectId(open: Open): Promise<Outcome<Uint8Array>> {
  const told = await shownOf(open);
  if (!told.ok) return refusedFor(told.fault);
  return done(objectIdBytes(fileNumber(told.value.id), fileNumber(fileOf(open).room.place)));
}

/** MS-SMB2 §3.3.5.15.6: bytes move here and not over the network. */
async function copyChunks(house: SmbHouse, to: Open, ask: AskOf<"control">): Promise<Outcome<Uint8Array>> {
  const request = copyChunksIn(ask.input);
  if (!request || ask.maxOutput < 12) return refused(ntStatus.invalidParameter);
  const from = house.opens((o) => o.id.volatile === fileOfKey(request.key) && o.session === ask.session)[0];
  const known = from && equalBytes(resumeKey(from.id.volatile, house.copySecret), request.key);
  if (!from || !known) return refused(ntStatus.objectNameNotFound);
  const total = request.chunks.reduce((sum, { length }) => sum + length, 0);
  const tooMuch =
    request.chunks.length > copyLimits.chunks ||
    total > copyLimits.bytes ||
    request.chunks.some(({ length }) => length === 0 || length > copyLimits.chunkBytes);
  if (tooMuch) {
    const { chunks, chunkBytes, bytes } = copyLimits;
    return done(copiedBytes(chunks, chunkBytes, bytes), ntStatus.invalidParameter);
  }
  if (from.node.isFolder || to.node.isFolder) return refused(ntStatus.invalidDeviceRequest);
  const needsRead = ask.code === fsctl.copyChunk && !holds(to, access.readData);
  const mayBoth = mayReadData(from) && mayWriteData(to);
  if (!mayBoth || needsRead) return refused(ntStatus.accessDenied);
  return copyAll(house, from, to, request.chunks);
}

async function copyAll(
  house: SmbHouse,
  from: Open,
  to: Open,
  chunks: readonly Chunk[],
): Promise<Outcome<Uint8Array>> {
  let [total, copied] = [0, 0];
  bytesChanged(house.holds, to.node, to.hold);
  for (const chunk of chunks) {
    const status = await copyOne(from, to, chunk);
    if (status !== ntStatus.success) return done(copiedBytes(copied, 0, total), status);
    total += chunk.length;
    copied++;
  }
  to.node.touched(fileTime(house.needs.clock.wall()));
  return done(copiedBytes(chunks.length, 0, total));
}

async function copyOne(from: Open, to: Open, { from: source, to: target, length }: Chunk): Promise<number> {
  const size = BigInt(length);
  if (!from.node.locks.allows(from, source, size, false)) return ntStatus.fileLockConflict;
  if (!to.node.locks.allows(to, target, size, true)) return ntStatus.fileLockConflict;
  if (source + size > maxOffset || target + size > maxOffset) return ntStatus.invalidParameter;
  const read = await from.node.read(from.room.files, Number(source), length);
  if (!read.ok) return statusFor[read.fault.code];
  if (read.value.length < length) return ntStatus.invalidViewSize;
  const written = await to.node.write(to.room.files, Number(target), Uint8Array.from(read.value));
  return written.ok ? ntStatus.success : statusFor[written.fault.code];
}

const maxOffset = BigInt(Number.MAX_SAFE_INTEGER);
const zeroBytes = 1 << 20;

/** Zeros from the first offset up to the second; nothing past the end. */
async function setZeroData(house: SmbHouse, open: Open, input: Uint8Array): Promise<Outcome<Uint8Array>> {
  const range = rangeIn(input);
  if (!range || range.second < range.first) return refused(ntStatus.invalidParameter);
  if (open.node.isFolder) return refused(ntStatus.invalidParameter);
  if (!mayWriteData(open)) return refused(ntStatus.accessDenied);
  const { first, second } = range;
  if (!open.node.locks.allows(open, first, second - first, true)) return refused(ntStatus.fileLockConflict);
  const stat = await open.node.stat(open.room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  bytesChanged(house.holds, open.node, open.hold);
  const end = Math.min(Number(second), stat.value.size);
  for (let at = Number(first); at < end; at += zeroBytes) {
    const zeros = new Uint8Array(Math.min(zeroBytes, end - at));
    const written = await open.node.write(open.room.files, at, zeros);
    if (!written.ok) return refusedFor(written.fault);
  }
  return done(new Uint8Array(0));
}

/** Everything up to the end: nothing here is sparse. */
async function allocatedRanges(open: Open, ask: AskOf<"control">): Promise<Outcome<Uint8Array>> {
  const range = rangeIn(ask.input);
  if (!range || open.node.isFolder) return refused(ntStatus.invalidParameter);
  if (!mayReadData(open)) return refused(ntStatus.accessDenied);
  const stat = await open.node.stat(open.room.files);
  if (!stat.ok) return refusedFor(stat.fault);
  const { first, second } = range;
  const asked = first + second;
  const end = asked < BigInt(stat.value.size) ? asked : BigInt(stat.value.size);
  if (end <= first) return done(new Uint8Array(0));
  if (ask.maxOutput < 16) return refused(ntStatus.bufferTooSmall);
  return done(rangeBytes(first, end - first));
}
