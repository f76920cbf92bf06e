import { closeSync, read as readFile } from "node:fs";
import type { Stretch } from "../../base/file-range.ts";
import { Bug } from "../../base/assert.ts";
import type { Content } from "../content.ts";

const stepBytes = 256 << 10;

/** Bytes in memory as immutable content. */
export function contentOfRow(bytes: Uint8Array): Content {
  return {
    size: bytes.length,
    bytes,
    file: undefined,
    async *read(start, end) {
      if (start < end) yield await Promise.resolve(bytes.subarray(start, end));
    },
    async *stretches(start, end) {
      if (start < end) yield await Promise.resolve(bytes.subarray(start, end));
    },
    close: () => Promise.resolve(),
  };
}

/** An open file as content: it stays whole though its name is deleted meanwhile. */
export function contentOfFile(file: number, size: number, path: string): Content {
  let open = true;
  return {
    size,
    bytes: undefined,
    file: { path: process.platform === "linux" ? `/proc/self/fd/${file}` : path, offset: 0 },
    async *read(start, end) {
      for (let at = start; at < end;) {
        if (!open) throw new Bug("content was read after it was closed");
        const chunk = await readAt(file, at, Math.min(stepBytes, end - at));
        if (chunk.length === 0) throw new Error("the file is shorter than it was");
        at += chunk.length;
        yield chunk;
      }
    },
    async *stretches(start, end) {
      if (!open) throw new Bug("content was read after it was closed");
      if (start < end) yield await Promise.resolve({ fd: file, start, end });
    },
    close: () => {
      if (open) closeSync(file);
      open = false;
      return Promise.resolve();
    },
  };
}

function readAt(file: number, at: number, length: number): Promise<Uint8Array> {
  return new Promise((done, failed) => {
    const into = new Uint8Array(length);
    readFile(file, into, 0, length, at, (error, count) =>
      error ? failed(error) : done(into.subarray(0, count)),
    );
  });
}

/** A piece of a joined body, opened when it is needed. */
export interface Piece {
  readonly size: number;
  open(): Content;
}

/** Pieces one after another; `closed` runs once. */
export function contentOfPieces(pieces: readonly Piece[], size: number, closed: () => void): Content {
  let open = true;
  const starts: number[] = [];
  let total = 0;
  for (const piece of pieces) {
    starts.push(total);
    total += piece.size;
  }
  async function* each<T>(
    start: number,
    end: number,
    read: (content: Content, from: number, to: number) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    for (let i = lastAtMost(starts, start); i < pieces.length && starts[i]! < end; i++) {
      const piece = pieces[i]!;
      const content = piece.open();
      try {
        yield* read(content, Math.max(0, start - starts[i]!), Math.min(piece.size, end - starts[i]!));
      } finally {
        await content.close();
      }
    }
  }
  return {
    size,
    bytes: undefined,
    file: undefined,
    read: (start, end) => each(start, end, (content, from, to) => content.read(from, to)),
    stretches: (start, end) =>
      each<Stretch>(start, end, (content, from, to) =>
        content.stretches ? content.stretches(from, to) : content.read(from, to),
      ),
    close: () => {
      if (open) closed();
      open = false;
      return Promise.resolve();
    },
  };
}

/** Index of the last of `starts` (rising) that is at most `at`. */
function lastAtMost(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
