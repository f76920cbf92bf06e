import { Writer } from "../../wire/writer.ts";
import { utf16 } from "../../wire/utf16.ts";
import { writeBasics, type FileBasics } from "./create.ts";

/** What a gate knows of an open file: enough for every class below. */
export interface FileFacts {
  readonly basics: FileBasics;
  readonly links: number;
  readonly deletePending: boolean;
  readonly directory: boolean;
  /** Stable while the file exists. */
  readonly fileId: bigint;
  readonly volumeId: bigint;
  readonly eaBytes: number;
  /** What this open may do. */
  readonly access: number;
  readonly position: bigint;
  readonly mode: number;
  /** From the share's root, beginning with `\`. */
  readonly name: string;
}

/** An answer and the length of its fixed part: shorter buffers get nothing, longer ones what fits. */
export interface InfoBytes {
  readonly bytes: Uint8Array;
  readonly fixed: number;
}

/** MS-FSCC §2.4, by class number. Undefined: not a class that this server tells. */
export function fileInfo(infoClass: number, facts: FileFacts): InfoBytes | undefined {
  const write = classes.get(infoClass);
  if (!write) return undefined;
  const w = new Writer();
  write(w, facts);
  return { bytes: w.take(), fixed: named.get(infoClass) ?? w.length };
}

const classes = new Map<number, (w: Writer, facts: FileFacts) => void>([
  [4, writeBasicInfo],
  [5, writeStandardInfo],
  [6, (w, f) => w.u64le(f.fileId)],
  [7, (w, f) => w.u32le(f.eaBytes)],
  [8, (w, f) => w.u32le(f.access)],
  [9, (w, f) => writeName(w, f.name)],
  [14, (w, f) => w.u64le(f.position)],
  [16, (w, f) => w.u32le(f.mode)],
  [17, (w) => w.u32le(0)],
  [18, writeAllInfo],
  [21, (w, f) => writeName(w, f.name.split("\\").at(-1) ?? "")],
  [28, writeCompressionInfo],
  [34, writeNetworkOpenInfo],
  [35, (w, f) => (w.u32le(f.basics.attributes), w.u32le(0))],
  [48, (w, f) => writeName(w, f.name.slice(1))],
  [59, writeIdInfo],
]);

/** The least buffers of the classes that end in a name: their structures' sizes, first character and padding
 *  included. */
const named = new Map([
  [9, 8],
  [18, 104],
  [21, 8],
  [48, 8],
]);

function writeBasicInfo(w: Writer, { basics }: FileFacts): void {
  w.u64le(basics.created);
  w.u64le(basics.accessed);
  w.u64le(basics.written);
  w.u64le(basics.changed);
  w.u32le(basics.attributes);
  w.u32le(0);
}

function writeStandardInfo(w: Writer, facts: FileFacts): void {
  w.u64le(facts.basics.allocation);
  w.u64le(facts.basics.size);
  w.u32le(facts.links);
  w.u8(facts.deletePending ? 1 : 0);
  w.u8(facts.directory ? 1 : 0);
  w.u16le(0);
}

function writeAllInfo(w: Writer, facts: FileFacts): void {
  writeBasicInfo(w, facts);
  writeStandardInfo(w, facts);
  w.u64le(facts.fileId);
  w.u32le(facts.eaBytes);
  w.u32le(facts.access);
  w.u64le(facts.position);
  w.u32le(facts.mode);
  w.u32le(0);
  writeName(w, facts.name);
}

function writeName(w: Writer, name: string): void {
  const bytes = utf16(name);
  w.u32le(bytes.length);
  w.bytes(bytes);
}

function writeCompressionInfo(w: Writer, { basics }: FileFacts): void {
  w.u64le(basics.size);
  w.zeros(8);
}

function writeNetworkOpenInfo(w: Writer, { basics }: FileFacts): void {
  writeBasics(w, basics);
  w.u32le(0);
}

function writeIdInfo(w: Writer, facts: FileFacts): void {
  w.u64le(facts.volumeId);
  w.u64le(facts.fileId);
  w.u64le(0n);
}

export interface StreamFacts {
  /** "" for the file's own data. */
  readonly name: string;
  readonly size: bigint;
  readonly allocation: bigint;
}

/** MS-FSCC §2.4.49: next u32, name length u32, size u64, allocation u64, name; 8-aligned. */
export function streamInfo(streams: readonly StreamFacts[]): InfoBytes {
  const w = new Writer();
  streams.forEach((stream, i) => {
    const start = w.length;
    const name = utf16(`:${stream.name}:$DATA`);
    w.u32le(0);
    w.u32le(name.length);
    w.u64le(stream.size);
    w.u64le(stream.allocation);
    w.bytes(name);
    if (i === streams.length - 1) return;
    w.align(8);
    w.patchU32le(start, w.length - start);
  });
  return { bytes: w.take(), fixed: streams.length > 0 ? 32 : 0 };
}
