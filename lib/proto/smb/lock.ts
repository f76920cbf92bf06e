import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readFileId, writeFileId, type FileId } from "./header.ts";

export const lockFlag = { shared: 1, exclusive: 2, unlock: 4, failImmediately: 0x10 } as const;

/** MS-SMB2 §2.2.26.1: offset u64, length u64, flags u32, reserved u32. */
export interface LockElement {
  readonly offset: bigint;
  readonly length: bigint;
  readonly flags: number;
}

/** MS-SMB2 §2.2.26: size u16 = 48, lock count u16, lock sequence u32, file id, elements. */
export interface LockRequest {
  readonly file: FileId;
  /** Low 4 bits the number, the others the slot. */
  readonly sequence: number;
  readonly elements: readonly LockElement[];
}

const maxElements = 1024;

export function readLockRequest(r: Reader): LockRequest {
  r.expect(r.u16le() === 48, "structure size");
  const count = r.u16le();
  r.expect(count <= maxElements, "number of locks");
  const sequence = r.u32le();
  const file = readFileId(r);
  const elements = Array.from({ length: count }, () => {
    const element = { offset: r.u64le(), length: r.u64le(), flags: r.u32le() };
    r.skip(4);
    return element;
  });
  return { file, sequence, elements };
}

export function writeLockRequest(w: Writer, request: LockRequest): void {
  w.u16le(48);
  w.u16le(request.elements.length);
  w.u32le(request.sequence);
  writeFileId(w, request.file);
  for (const element of request.elements) {
    w.u64le(element.offset);
    w.u64le(element.length);
    w.u32le(element.flags);
    w.u32le(0);
  }
}
