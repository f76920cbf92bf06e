import type { Stretch } from "../base/file-range.ts";

/** Checksums the store can make while bytes pass by. */
export type DigestName =
  | "md5"
  | "sha1"
  | "sha256"
  | "sha512"
  | "crc32"
  | "crc32c"
  | "crc64nvme"
  | "xxhash64"
  | "xxhash3"
  | "xxhash128";

/** Raw digest bytes by name (CRCs big-endian). */
export type Digests = { readonly [name in DigestName]?: Uint8Array };

/** Bytes on their way in. A chunk belongs to the store once yielded: it may be transferred to a worker.
 *  A source that throws, or ends before `size` bytes, stores nothing. */
export interface Source {
  /** Announced length; undefined where the sender did not say. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** All of it, where it has come already. Belongs to the store, which reads it or the chunks. */
  readonly bytes?: Uint8Array | undefined;
  /** The same bytes as a file that is on disk in the store's own staging folder, and what they hash to.
   *  The store may take the file instead of reading the chunks; nobody writes to it any more. */
  readonly file?: { readonly path: string; readonly digests: Digests } | undefined;
}

/** Bytes on their way out: immutable, whatever happens to the name meanwhile. `close` when done with it. */
export interface Content {
  readonly size: number;
  /** All of it, where it is small and already in memory. */
  readonly bytes: Uint8Array | undefined;
  /** Where it is one plain file on disk, unencrypted, whole: for a door that can send files itself. */
  readonly file: { readonly path: string; readonly offset: number } | undefined;
  /** Bytes from `start` up to, not including, `end`. Throws a `Bug`-free Error only if the disk fails. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  /** The same bytes, as stretches of open files where they are kept as they are: for a door that can send
   *  files itself. */
  stretches?(start: number, end: number): AsyncIterable<Stretch>;
  close(): Promise<void>;
}

/** One page of a listing: `next` is what to pass as `after` for the following one; undefined at the end. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | undefined;
}
