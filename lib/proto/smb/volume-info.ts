import { Writer } from "../../wire/writer.ts";
import { utf16 } from "../../wire/utf16.ts";
import type { InfoBytes } from "./file-info.ts";
import type { FileTime } from "./filetime.ts";

/** What a share says of the volume behind it. */
export interface VolumeFacts {
  readonly created: FileTime;
  readonly serial: number;
  readonly label: string;
  readonly totalBytes: number;
  /** What this caller may still write. */
  readonly freeBytes: number;
  readonly readOnly: boolean;
  /** The share's own 16 bytes. */
  readonly objectId: Uint8Array;
}

const unitBytes = 4096;
const sectorBytes = 512;

/** MS-FSCC §2.5.1: case-preserving, Unicode. What is not promised here clients do not ask for. */
/** MS-FSCC §2.5.1: case is kept, names are Unicode, rules are kept; object ids, named streams, extended
 *  attributes; read-only. */
const volumeFlags = { base: 0x2 | 0x4 | 0x8 | 0x10000 | 0x40000 | 0x800000, readOnly: 0x80000 } as const;

/** MS-FSCC §2.5, by class number. Undefined: not a class that this server tells. */
export function volumeInfo(infoClass: number, facts: VolumeFacts): InfoBytes | undefined {
  const w = new Writer();
  switch (infoClass) {
    case 1:
      return volume(w, facts);
    case 3:
      writeUnits(w, facts.totalBytes);
      writeUnits(w, facts.freeBytes);
      writeGeometry(w);
      break;
    case 4:
      w.u32le(7);
      w.u32le(0x20);
      break;
    case 5:
      return attributes(w, facts);
    case 6:
      w.zeros(24);
      w.u64le(0xffff_ffff_ffff_ffffn);
      w.u64le(0xffff_ffff_ffff_ffffn);
      w.u64le(0n);
      break;
    case 7:
      writeUnits(w, facts.totalBytes);
      writeUnits(w, facts.freeBytes);
      writeUnits(w, facts.freeBytes);
      writeGeometry(w);
      break;
    case 8:
      w.bytes(facts.objectId);
      w.zeros(48);
      break;
    case 11:
      for (const value of [sectorBytes, unitBytes, unitBytes, unitBytes, 3, 0, 0]) w.u32le(value);
      break;
    default:
      return undefined;
  }
  return { bytes: w.take(), fixed: w.length };
}

function volume(w: Writer, facts: VolumeFacts): InfoBytes {
  const label = utf16(facts.label);
  w.u64le(facts.created);
  w.u32le(facts.serial);
  w.u32le(label.length);
  w.u16le(0);
  w.bytes(label);
  return { bytes: w.take(), fixed: 24 };
}

function attributes(w: Writer, facts: VolumeFacts): InfoBytes {
  const name = utf16("NTFS");
  w.u32le(volumeFlags.base | (facts.readOnly ? volumeFlags.readOnly : 0));
  w.u32le(255);
  w.u32le(name.length);
  w.bytes(name);
  return { bytes: w.take(), fixed: 16 };
}

const writeUnits = (w: Writer, bytes: number): void => w.u64le(BigInt(Math.floor(bytes / unitBytes)));

function writeGeometry(w: Writer): void {
  w.u32le(unitBytes / sectorBytes);
  w.u32le(sectorBytes);
}
