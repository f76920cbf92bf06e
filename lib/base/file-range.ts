/** Bytes of an open file from `start` up to, not including, `end`: for who can send a file without reading
 *  it. The descriptor stays open until the next one is asked for, and belongs to who lends it. */
export interface FileRange {
  readonly fd: number;
  readonly start: number;
  readonly end: number;
}

/** A piece of a body, in memory or still in its file. */
export type Stretch = Uint8Array | FileRange;
