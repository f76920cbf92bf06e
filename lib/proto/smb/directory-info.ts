import { Writer } from "../../wire/writer.ts";
import { utf16 } from "../../wire/utf16.ts";
import type { FileBasics } from "./create.ts";

/** One row of a folder's listing. */
export interface DirectoryRow {
  readonly name: string;
  readonly basics: FileBasics;
  readonly fileId: bigint;
  readonly eaBytes: number;
}

/** MS-FSCC §2.4: what stands between the 64 bytes that all classes share and the name. */
const middles = new Map<number, (w: Writer, row: DirectoryRow) => void>([
  [1, () => {}],
  [2, (w, row) => w.u32le(row.eaBytes)],
  [3, (w, row) => (w.u32le(row.eaBytes), w.zeros(26))],
  [37, (w, row) => (w.u32le(row.eaBytes), w.zeros(28), w.u64le(row.fileId))],
  [38, (w, row) => (w.u32le(row.eaBytes), w.zeros(4), w.u64le(row.fileId))],
  [60, (w, row) => (w.u32le(row.eaBytes), w.zeros(4), w.u64le(row.fileId), w.zeros(8))],
  [63, (w, row) => (w.u32le(row.eaBytes), w.zeros(4), w.u64le(row.fileId), w.zeros(8 + 26))],
]);
const namesOnly = 12;

export const isDirectoryClass = (infoClass: number): boolean =>
  infoClass === namesOnly || middles.has(infoClass);

/** The output of one QUERY_DIRECTORY, filled row by row until the client's buffer is full. */
export class DirectoryBuffer {
  readonly #infoClass: number;
  readonly #limit: number;
  readonly #w = new Writer(4096);
  #last = -1;

  constructor(infoClass: number, limit: number) {
    this.#infoClass = infoClass;
    this.#limit = limit;
  }

  /** False where the row does not fit: it is the first one of the next answer. */
  add(row: DirectoryRow): boolean {
    const one = new Writer(256);
    writeRow(one, this.#infoClass, row);
    const start = Math.ceil(this.#w.length / 8) * 8;
    if (start + one.length > this.#limit) return false;
    this.#w.align(8);
    if (this.#last >= 0) this.#w.patchU32le(this.#last, start - this.#last);
    this.#w.bytes(one.view());
    this.#last = start;
    return true;
  }

  get isEmpty(): boolean {
    return this.#last < 0;
  }
  take(): Uint8Array {
    return this.#w.take();
  }
}

function writeRow(w: Writer, infoClass: number, row: DirectoryRow): void {
  const name = utf16(row.name);
  w.u32le(0);
  w.u32le(0);
  if (infoClass !== namesOnly) {
    const { basics } = row;
    w.u64le(basics.created);
    w.u64le(basics.accessed);
    w.u64le(basics.written);
    w.u64le(basics.changed);
    w.u64le(basics.size);
    w.u64le(basics.allocation);
    w.u32le(basics.attributes);
  }
  w.u32le(name.length);
  middles.get(infoClass)?.(w, row);
  w.bytes(name);
}
