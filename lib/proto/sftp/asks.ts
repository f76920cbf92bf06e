import type { Listed } from "../../base/long-listing.ts";
import type { Path } from "../../base/path.ts";
import type { Result } from "../../base/result.ts";
import type { UnixMs } from "../../base/time.ts";

export interface OpenAsk {
  readonly path: Path;
  readonly read: boolean;
  readonly write: boolean;
  /** Writes go to the end, whatever their offset. */
  readonly append: boolean;
  readonly create: "must" | "may" | "new";
  readonly truncate: boolean;
  /** For a file that is made. */
  readonly mode: number | undefined;
}

export interface Change {
  readonly size?: number;
  readonly mode?: number;
  readonly modifiedAt?: UnixMs;
}

/** Every question the engine asks, and what a good answer holds. Handles are the gate's numbers. */
export interface Questions {
  open: [OpenAsk, number];
  openFolder: [{ readonly path: Path }, number];
  close: [{ readonly handle: number }, void];
  read: [{ readonly handle: number; readonly offset: number; readonly length: number }, Uint8Array];
  write: [{ readonly handle: number; readonly offset: number; readonly data: Uint8Array }, void];
  flush: [{ readonly handle: number }, void];
  /** The next rows of a folder; none at its end. */
  rows: [{ readonly handle: number }, readonly Listed[]];
  stat: [{ readonly path: Path }, Listed];
  statHandle: [{ readonly handle: number }, Listed];
  change: [{ readonly path: Path; readonly change: Change }, void];
  changeHandle: [{ readonly handle: number; readonly change: Change }, void];
  makeFolder: [{ readonly path: Path }, void];
  removeFile: [{ readonly path: Path }, void];
  removeFolder: [{ readonly path: Path }, void];
  rename: [{ readonly from: Path; readonly to: Path; readonly replace: boolean }, void];
  space: [object, { readonly total: number; readonly free: number }];
  copyData: [CopyAsk, void];
}

export interface CopyAsk {
  readonly from: number;
  readonly offset: number;
  /** 0: to the end. */
  readonly length: number;
  readonly to: number;
  readonly at: number;
}

export type SftpAsk = { [K in keyof Questions]: { readonly kind: K } & Questions[K][0] }[keyof Questions];
export type SftpAnswer = Result<unknown>;

/** A request under way: yields what it asks, is resumed with the answer, gives the reply. */
export type Flow = Generator<SftpAsk, Uint8Array, SftpAnswer>;

/** Asks, and gives the answer in its own type. */
export function* ask<K extends keyof Questions>(
  kind: K,
  what: Questions[K][0],
): Generator<SftpAsk, Result<Questions[K][1]>, SftpAnswer> {
  return (yield { kind, ...what } as SftpAsk) as Result<Questions[K][1]>;
}
