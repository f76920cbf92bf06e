import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { utf16, utf16Text } from "../../wire/utf16.ts";
import { readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-SMB2 §2.2.35: size u16 = 32, flags u16 (1: the whole tree), output length u32, file id, filter u32,
 *  reserved u32. */
export interface NotifyRequest {
  readonly tree: boolean;
  readonly outputLength: number;
  readonly file: FileId;
  readonly filter: number;
}

export function readNotifyRequest(r: Reader): NotifyRequest {
  r.expect(r.u16le() === 32, "structure size");
  const flags = r.u16le();
  const outputLength = r.u32le();
  const file = readFileId(r);
  const filter = r.u32le();
  return { tree: (flags & 1) !== 0, outputLength, file, filter };
}

export function writeNotifyRequest(w: Writer, request: NotifyRequest): void {
  w.u16le(32);
  w.u16le(request.tree ? 1 : 0);
  w.u32le(request.outputLength);
  writeFileId(w, request.file);
  w.u32le(request.filter);
  w.u32le(0);
}

export const notifyFilter = {
  fileName: 0x1,
  directoryName: 0x2,
  attributes: 0x4,
  size: 0x8,
  lastWrite: 0x10,
  lastAccess: 0x20,
  creation: 0x40,
  ea: 0x80,
  security: 0x100,
  streamName: 0x200,
  streamSize: 0x400,
  streamWrite: 0x800,
} as const;

export const notifyAction = {
  added: 1,
  removed: 2,
  modified: 3,
  renamedFrom: 4,
  renamedTo: 5,
} as const;

/** MS-FSCC §2.7.1: next u32, action u32, name length u32, name; 4-aligned. */
export interface NotifyEvent {
  readonly action: number;
  /** Relative to the watched folder, names divided by `\`. */
  readonly name: string;
}

export function notifyBytes(events: readonly NotifyEvent[]): Uint8Array {
  const w = new Writer();
  events.forEach(({ action, name }, i) => {
    const start = w.length;
    const bytes = utf16(name);
    w.u32le(0);
    w.u32le(action);
    w.u32le(bytes.length);
    w.bytes(bytes);
    if (i === events.length - 1) return;
    w.align(4);
    w.patchU32le(start, w.length - start);
  });
  return w.take();
}

export function readNotifyEvents(r: Reader): NotifyEvent[] {
  const events: NotifyEvent[] = [];
  for (let start = 0; r.remaining > 0;) {
    r.seek(start);
    const next = r.u32le();
    events.push({ action: r.u32le(), name: utf16Text(r.bytes(r.u32le())) });
    if (next === 0) break;
    start += next;
  }
  return events;
}
