import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";

/** What a holder does with the name, and lets others do meanwhile: MS-SMB2's access and share modes.
 *  Somebody who is putting a file there alone: access write, shares none. */
export interface LeaseMode {
  readonly access: readonly LeaseRight[];
  readonly shares: readonly LeaseRight[];
}
export type LeaseRight = "read" | "write" | "delete";

export interface Lease {
  /** "bucket/key", or whatever its users agree on. */
  readonly name: string;
  /** Who: unique to one open or one upload, in one process. */
  readonly holder: string;
  readonly mode: LeaseMode;
  /** For people: "ftp upload by alice from 10.0.0.7". */
  readonly note: string;
  readonly expiresAt: UnixMs;
}

export interface NewLease {
  readonly name: string;
  readonly holder: string;
  readonly mode: LeaseMode;
  readonly note: string;
  /** It ends by itself after so long: 1 s to 1 h. Renew it at a third of that. */
  readonly ttlMs: number;
}

/** Names in use, across daemons and doors. A lease whose time has run out, or whose process has died, is as
 *  if it had never been. Advice to those who ask: nothing else is refused for it. */
export interface Leases {
  /** Takes the lease, or changes the holder's own. Faults: busy (`where`: the other's note). */
  acquire(ask: NewLease): Promise<Result<Lease>>;
  /** Faults: not-found (its time had run out: somebody else may have been there). */
  renew(name: string, holder: string, ttlMs: number): Promise<Result<Lease>>;
  /** Absent is success. */
  release(name: string, holder: string): Promise<Result<void>>;
  /** Who has the name now. */
  holders(name: string): Promise<readonly Lease[]>;
  /** Every lease whose name begins so, in byte order of the names; at most `limit` (1–1000). */
  under(prefix: string, limit: number): Promise<readonly Lease[]>;
}
